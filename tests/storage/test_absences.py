"""The room of absences and quiet hours; and what becomes of them when two handles turn out to be one person's."""

from datetime import time, timedelta

import sqlalchemy as sa

from bot.domain.absence import Quiet
from bot.domain.agent import Agent
from bot.domain.inquiry import Inquiry
from bot.ports import Handle
from storage.database import Database
from storage.tables import escalation, follow_up, telling
from tests.builders import an_agent
from tests.support.clock import MORNING

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def added(database: Database, agent: Agent, since: timedelta, until: timedelta, reason: str = "") -> int:
    async with database.transaction() as tx:
        return (await tx.absences.add(agent.id, MORNING + since, MORNING + until, reason)).id


async def test_who_is_away_is_away_until_they_are_back(database: Database) -> None:
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    await added(database, hana, HOUR, 2 * HOUR, "a holiday")
    async with database.snapshot() as tx:
        told = {}
        for minutes in (59, 60, 119, 120):
            away = await tx.absences.away([hana.id, ken.id], MORNING + timedelta(minutes=minutes))
            told[minutes] = {who: (one.agent, one.until, one.reason) for who, one in away.items()}
        assert await tx.absences.away([ken.id], MORNING + HOUR) == {}
        assert await tx.absences.away([], MORNING + HOUR) == {}
    away_now = {hana.id: (hana, MORNING + 2 * HOUR, "a holiday")}
    assert told == {59: {}, 60: away_now, 119: away_now, 120: {}}


async def test_of_two_absences_the_one_that_ends_last_counts(database: Database) -> None:
    hana = await an_agent(database)
    await added(database, hana, HOUR, 9 * HOUR, "long")
    await added(database, hana, 2 * HOUR, 3 * HOUR, "short")
    async with database.snapshot() as tx:
        away = await tx.absences.away([hana.id], MORNING + 2 * HOUR)
    assert away[hana.id].reason == "long"


async def test_absences_are_listed_until_they_are_over(database: Database) -> None:
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    gone = await an_agent(database, "Rei")
    for agent, since, until in ((hana, 2, 3), (ken, 1, 4), (hana, -3, -2), (hana, -1, 1), (gone, 1, 2)):
        await added(database, agent, since * DAY, until * DAY, f"{agent.name} {since}")
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("workspace", "rei"), "", None, "en", "UTC")
        mine = await tx.absences.listed(hana.id, MORNING)
        everybodys = await tx.absences.team_listed(MORNING, 10)
        first = await tx.absences.team_listed(MORNING, 1)
    assert [one.reason for one in mine] == ["Hana -1", "Hana 2"]
    assert [one.reason for one in everybodys] == ["Hana -1", "Ken 1", "Hana 2"]
    assert first == everybodys[:1]


async def test_who_is_back_early_is_back_at_once(database: Database) -> None:
    hana = await an_agent(database)
    begun = await added(database, hana, -HOUR, 5 * HOUR)
    coming = await added(database, hana, DAY, 2 * DAY)
    over = await added(database, hana, -2 * DAY, -DAY)
    async with database.transaction() as tx:
        for one in (begun, coming, over):
            await tx.absences.end(one, MORNING)
        assert await tx.absences.away([hana.id], MORNING) == {}
        ended = await tx.absences.get(begun)
        assert ended is not None
        assert (ended.since, ended.until) == (MORNING - HOUR, MORNING)
        assert await tx.absences.get(coming) is None
        past = await tx.absences.get(over)
        assert past is not None
        assert past.until == MORNING - DAY


async def test_quiet_hours_are_kept_and_taken_away(database: Database) -> None:
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    async with database.transaction() as tx:
        await tx.absences.set_quiet(hana.id, time(22), time(7, 5))
        assert await tx.absences.quiet([hana.id, ken.id]) == {hana.id: Quiet(time(22), time(7, 5))}
        assert await tx.absences.quiet([]) == {}
        await tx.absences.set_quiet(hana.id, None, None)
        assert await tx.absences.quiet([hana.id]) == {}


# --- two who become one -------------------------------------------------------------------------------------


async def test_what_is_somebodys_stays_theirs_when_they_become_one_with_another(
    database: Database, inquiry: Inquiry
) -> None:
    kept, other = await an_agent(database, "Ken"), await an_agent(database, "Kei", platform="slack")
    absence = await added(database, other, HOUR, DAY)
    to_them = {"number": inquiry.number, "platform": "slack", "channel": "@kei", "agent_id": other.id, "rung": "holder"}
    asked = {"number": inquiry.number, "at": MORNING, "help": "answer", "urgency": "today", "content": "?"}
    people = {"agent_id": other.id, "taken_by": other.id, "answered_by": other.id}
    async with database.transaction() as tx:
        await tx.absences.set_quiet(other.id, time(22), time(7))
        session = tx.session
        await session.run(sa.insert(telling).values(**to_them, key="x", after=MORNING))
        wanted = {"number": inquiry.number, "agent_id": other.id, "at": MORNING, "created_at": MORNING}
        await session.run(sa.insert(follow_up).values(wanted))
        await session.run(sa.insert(escalation).values(**asked, **people))

        await tx.agents.join(kept, Handle("slack", "kei"), other)

        assert [one.id for one in await tx.absences.listed(kept.id, MORNING)] == [absence]
        assert await tx.absences.listed(other.id, MORNING) == []
        assert await tx.absences.quiet([kept.id]) == {kept.id: Quiet(time(22), time(7))}
        for column in (telling.c.agent_id, follow_up.c.agent_id, *(escalation.c[name] for name in people)):
            assert (await session.run(sa.select(column))).scalars().all() == [kept.id], str(column)


async def test_the_quiet_hours_of_the_one_who_stays_count(database: Database) -> None:
    kept, other = await an_agent(database, "Ken"), await an_agent(database, "Kei", platform="slack")
    async with database.transaction() as tx:
        await tx.absences.set_quiet(kept.id, time(20), time(6))
        await tx.absences.set_quiet(other.id, time(22), time(7))
        await tx.agents.join(kept, Handle("slack", "kei"), other)
        assert await tx.absences.quiet([kept.id]) == {kept.id: Quiet(time(20), time(6))}
