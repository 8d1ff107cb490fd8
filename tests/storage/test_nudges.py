"""Nudges in the store: what is due is found by an index, each is kept once, and a place gets one message at a time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain import care
from bot.domain.agent import Agent, Role
from bot.domain.digest import Figures, Part, Slot
from bot.domain.events import Act
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Facts
from bot.domain.nudge import Nudge, NudgeKind, NudgeOutcome, Rung
from bot.domain.policy import Target
from bot.ports import Handle, MessageRef, Place
from bot.ports.nudges import Noted, Telling, Timing
from storage.database import Database
from storage.tables import agent, nudge, outbox, telling
from storage.tables import inquiry as inquiry_table
from storage.unit import Unit
from tests.builders import SUPPORT, a_message, a_queue, an_agent, opened
from tests.support.ageing import outbox_ages
from tests.support.clock import MORNING

HOUR, PACE, LEASE = timedelta(hours=1), timedelta(seconds=10), timedelta(minutes=1)
HERE = Place("workspace", "@hana")


async def now_of(database: Database) -> datetime:
    async with database.snapshot() as tx:
        return await tx.nudges.now()


def a_nudge(key: str = "first_response:1:0:due", **fields: Any) -> Nudge:
    defaults: dict[str, Any] = {
        "kind": NudgeKind.CLOCK,
        "at": MORNING,
        "ready_at": MORNING,
        "target": Target.FIRST_RESPONSE,
        "name": "due",
        "due": MORNING,
    }
    return Nudge(key=key, **{**defaults, **fields})


def told(one: Inquiry, key: str = "first_response:1:0:due", *places: Place, **fields: Any) -> Noted:
    """A nudge that is told in these places since the tests' morning."""
    tellings = tuple(Telling(place, Rung.TEAM, MORNING) for place in places or (SUPPORT,))
    return Noted(one.number, a_nudge(key, **fields), NudgeOutcome.TOLD, tellings)


async def settled(database: Database, *noted: Noted, redraw: Sequence[int] = ()) -> list[Noted]:
    async with database.transaction() as tx:
        return await tx.nudges.settle(noted, [], await tx.nudges.now(), redraw)


async def bound(database: Database, place: Place = SUPPORT, pace: timedelta = PACE) -> int:
    async with database.transaction() as tx:
        return await tx.nudges.bind(place, await tx.nudges.now(), pace)


async def messages(database: Database) -> list[Any]:
    async with database.snapshot() as tx:
        query = sa.select(outbox).where(outbox.c.kind == "nudge").order_by(outbox.c.id)
        return list((await tx.session.run(query)).all())


async def sent(database: Database, place: Place = SUPPORT, count: int = 10) -> list[str]:
    """What is to be sent to a place is taken and sent; which kinds it was."""
    async with database.transaction() as tx:
        sendings = await tx.outbox.take(place, "we", LEASE, count)
    for one in sendings:
        async with database.transaction() as tx:
            await tx.outbox.sent(one, "we", MessageRef("C1", f"m{one.id}"))
    return [one.kind.value for one in sendings]


@asynccontextmanager
async def explained(unit: Unit) -> AsyncIterator[list[str]]:
    """How the database goes about each statement, in its own words."""
    plans: list[str] = []
    how = "EXPLAIN " if unit.session.is_postgresql else "EXPLAIN QUERY PLAN "
    connection = unit.session.connection.sync_connection
    assert connection

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        cursor.execute(how + statement, parameters)
        plans.append(str(cursor.fetchall()))

    sa.event.listen(connection, "before_cursor_execute", explain)
    yield plans
    sa.event.remove(connection, "before_cursor_execute", explain)


# --- what is due --------------------------------------------------------------------------------------------


async def test_what_changed_is_untimed_until_it_was_worked_out_at_that_version(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    async with database.transaction() as tx:
        assert await tx.nudges.untimed(10) == [inquiry.number]
        assert await tx.nudges.untimed(10, inquiry.number) == []
        due = MORNING + HOUR
        timing = Timing(number=inquiry.number, seen=1, policy="p", due_at=due, due_target="resolution", next_at=due)
        await tx.nudges.settle([], [timing], MORNING)
    async with database.transaction() as tx:
        assert await tx.nudges.untimed(10) == []
        assert await tx.nudges.due(MORNING, 10) == []
        assert await tx.nudges.due(due, 10) == [inquiry.number]
        assert await tx.nudges.due(due, 10, [inquiry.number]) == []
        after = await tx.inquiries.get(inquiry.number)
        assert after
        assert (after.policy, after.due_at, after.due_target, after.version) == ("p", due, "resolution", 1)
        await tx.inquiries.save(after.claim(Act(MORNING, "workspace", hana)))
        assert await tx.nudges.untimed(10) == [inquiry.number]
        await tx.nudges.settle([], [replace(timing, policy="late")], MORNING)
        assert await tx.nudges.untimed(10) == [inquiry.number], "a timing of an earlier version does not count"


async def test_the_partial_indexes_find_what_is_due(database: Database, inquiry: Inquiry) -> None:
    async with database.transaction() as tx:
        if tx.session.is_postgresql:
            await tx.session.run(sa.text("SET LOCAL enable_seqscan = off"))
            await tx.session.run(sa.text("SET LOCAL enable_bitmapscan = off"))
        async with explained(tx) as plans:
            await tx.nudges.untimed(10)
            await tx.nudges.due(MORNING, 10, [1])
            await tx.nudges.settle([told(inquiry)], [], MORNING)
            del plans[2:]
            await tx.nudges.unbound(MORNING)
            await tx.nudges.bind(SUPPORT, MORNING, PACE)
            await tx.nudges.told_by(1, 10)
    found = " ".join(plans)
    assert "ix_inquiry_untimed" in plans[0]
    assert "ix_inquiry_next_at" in plans[1]
    assert "ix_telling_untold" in plans[2] or "(outbox_id=?)" in plans[2], "SQLite finds nothing as quickly otherwise"
    assert "ix_outbox_paced" in found
    assert "ix_telling_outbox_id" in plans[-1]


async def test_two_processes_at_once_take_different_inquiries(on_postgresql: Database) -> None:
    await a_queue(on_postgresql)
    numbers = [one.number for one in await opened(on_postgresql, *(a_message() for _ in range(6)))]
    async with on_postgresql.transaction() as one, on_postgresql.transaction() as other:
        assert await one.nudges.untimed(3) == numbers[:3]
        assert await other.nudges.untimed(6) == numbers[3:]


async def test_who_only_refers_to_an_inquiry_does_not_wait(on_postgresql: Database) -> None:
    """Delivery notes where a card stands while the engine works on its inquiry."""
    await a_queue(on_postgresql, "support", SUPPORT)
    [one] = await opened(on_postgresql)
    async with on_postgresql.transaction() as tx:
        assert await tx.nudges.untimed(1) == [one.number]
        assert await sent(on_postgresql) == ["card"]


# --- what decides -------------------------------------------------------------------------------------------


async def test_facts_are_folded_and_those_of_all_records_of_a_person_count(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    act = Act(MORNING, "workspace", hana)
    assert await _facts(database, inquiry) == Facts("support", frozenset(), frozenset(), "en")
    [other] = await opened(database, a_message(from_address="second@example.com"))
    async with database.transaction() as tx:
        await tx.inquiries.save(care.tag(inquiry, ["Ｒｅｆｕｎｄ", "Urgent"], act))
        await tx.customers.describe(inquiry.customer.id, "Ms Ito", "", "", ["VIP"], act)
        await tx.customers.describe(other.customer.id, "Ms Ito", "", "ja", ["Gold"], act)
        await tx.customers.merge(other.customer.id, inquiry.customer.id, act)
    expected = Facts("support", frozenset({"refund", "urgent"}), frozenset({"vip", "gold"}), "ja")
    assert await _facts(database, inquiry) == expected
    assert await _facts(database, other) == replace(expected, tags=frozenset())


async def _facts(database: Database, one: Inquiry) -> Facts:
    async with database.snapshot() as tx:
        return (await tx.nudges.facts([one.number]))[one.number]


async def test_cases_hold_what_single_rooms_tell_in_a_fixed_number_of_statements(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    others = await opened(database, *(a_message() for _ in range(4)))
    async with database.transaction() as tx:
        await tx.inquiries.save(inquiry.claim(Act(MORNING, "workspace", hana)))
    await settled(database, told(inquiry))
    async with database.transaction() as tx:
        async with explained(tx) as plans:
            cases = await tx.nudges.cases([inquiry.number, *(one.number for one in others)])
        assert len(plans) == 4
        assert [one.inquiry.number for one in cases] == [inquiry.number, *(one.number for one in others)]
        assert cases[0].inquiry == await tx.inquiries.get(inquiry.number)
        assert list(cases[0].events) == await tx.inquiries.timeline(inquiry.number)
        assert list(cases[0].told) == ["first_response:1:0:due"]
        assert await tx.nudges.cases([]) == []


@pytest.mark.parametrize("change", ["describe", "merge", "split"])
async def test_what_changes_of_a_customer_times_their_open_inquiries_anew(
    database: Database, inquiry: Inquiry, hana: Agent, change: str
) -> None:
    act = Act(MORNING, "workspace", hana)
    [other] = await opened(database, a_message(from_address="second@example.com"))
    person, record = inquiry.customer.id, other.customer.id
    async with database.transaction() as tx:
        if change == "split":
            await tx.customers.merge(record, person, act)
    await _timed(database)
    async with database.transaction() as tx:
        match change:
            case "describe":
                await tx.customers.describe(person, "Ms Ito", "", "", ["vip"], act)
            case "merge":
                await tx.customers.merge(record, person, act)
            case _:
                await tx.customers.split(record, act)
        assert inquiry.number in await tx.nudges.untimed(10)
        if change != "describe":
            assert other.number in await tx.nudges.untimed(10)


async def _timed(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry_table).values(timed=inquiry_table.c.version))


async def test_everybody_of_the_team_is_there_with_their_handles(database: Database, hana: Agent) -> None:
    gone = await an_agent(database, "Gone")
    async with database.transaction() as tx:
        await tx.agents.join(hana, Handle("discord", "h"), None)
        await tx.session.run(sa.update(agent).where(agent.c.id == gone.id).values(role=None))
        emma = await tx.agents.enrol(Handle("workspace", "emma"), "Emma", Role.SUPERVISOR, "en", "UTC")
        assert await tx.nudges.handles() == [
            (hana.id, Handle("discord", "h")),
            (emma.id, Handle("workspace", "emma")),
            (hana.id, Handle("workspace", "hana")),
        ]


# --- each once ----------------------------------------------------------------------------------------------


async def test_a_nudge_is_kept_and_told_once(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    first = told(inquiry)
    assert await settled(database, first) == [first]
    second = told(inquiry, "resolution:1:0:due", SUPPORT, SUPPORT, HERE)
    assert await settled(database, first, second) == [second]
    assert await settled(database, second, first) == []
    async with database.snapshot() as tx:
        rows = (await tx.session.run(sa.select(telling.c.key, telling.c.channel).order_by(telling.c.id))).all()
        kept = (await tx.session.run(sa.select(sa.func.count()).select_from(nudge))).scalar_one()
    assert kept == 2
    assert [tuple(row) for row in rows] == [
        ("first_response:1:0:due", "support"),
        ("resolution:1:0:due", "support"),
        ("resolution:1:0:due", "@hana"),
    ]


async def test_two_who_note_the_same_at_once_tell_it_once(on_postgresql: Database) -> None:
    await a_queue(on_postgresql, "support", SUPPORT)
    [one] = await opened(on_postgresql)
    keys = [f"resolution:{episode}:0:due" for episode in range(20)]
    both = await asyncio.gather(*(settled(on_postgresql, *(told(one, key) for key in keys)) for _ in range(4)))
    assert sorted(noted.nudge.key for found in both for noted in found) == sorted(keys)


# --- messages -----------------------------------------------------------------------------------------------


async def test_what_comes_up_joins_a_message_that_nobody_has_begun_to_send(
    database: Database, inquiry: Inquiry
) -> None:
    await settled(database, told(inquiry))
    assert await bound(database) == 1
    await settled(database, told(inquiry, "resolution:1:0:due", target=Target.RESOLUTION))
    assert await bound(database) == 1
    assert await bound(database) == 0
    [message] = await messages(database)
    async with database.snapshot() as tx:
        said = await tx.nudges.told_by(message.id, 10)
    assert [(line.number, line.nudge.key) for line in said.lines] == [(inquiry.number, "first_response:1:0:due")]
    assert said.total == 1, "one line an inquiry: what is most severe"


async def test_while_a_message_is_on_its_way_and_a_while_after_it_there_is_no_other(
    database: Database, inquiry: Inquiry
) -> None:
    assert await sent(database) == ["card"]
    await settled(database, told(inquiry))
    assert await bound(database) == 1
    async with database.transaction() as tx:
        [sending] = await tx.outbox.take(SUPPORT, "we", LEASE, 10)
    await settled(database, told(inquiry, "resolution:1:0:due"))
    assert await bound(database, pace=timedelta()) == 0, "it is on its way"
    async with database.transaction() as tx:
        await tx.outbox.later(sending, "we", timedelta(), "429")
    assert await bound(database, pace=timedelta()) == 0, "and waits for another try"
    assert await sent(database) == ["nudge"]
    assert await bound(database, pace=HOUR) == 0
    assert await bound(database, pace=timedelta()) == 1
    assert [row.state for row in await messages(database)] == ["done", "pending"]
    assert await bound(database, HERE) == 0, "nothing is to be told there"


async def test_digests_and_nudges_of_one_place_keep_apart(database: Database, inquiry: Inquiry) -> None:
    await sent(database)
    await settled(database, told(inquiry))
    assert await bound(database) == 1
    slot, figures = Slot(MORNING.date(), Part.MORNING), Figures()
    async with database.transaction() as tx:
        now = await tx.nudges.now()
        assert await tx.digests.keep("support", slot, now, figures)
    assert await sent(database) == ["nudge"], "the digest comes ten seconds later"

    await settled(database, told(inquiry, "first_response:1:0:overdue-3600"))
    assert await bound(database, pace=timedelta()) == 0, "a digest is on its way there"
    await outbox_ages(database, PACE)
    assert await sent(database) == ["digest"]
    assert await bound(database, pace=HOUR) == 0
    assert await bound(database, pace=timedelta()) == 1


async def test_what_was_refused_or_never_posted_holds_up_nothing(database: Database, inquiry: Inquiry) -> None:
    assert await sent(database) == ["card"]
    for key, at in (("a", None), ("b", "refused"), ("c", None)):
        await settled(database, told(inquiry, f"resolution:1:0:{key}", name="due"))
        assert await bound(database, pace=HOUR) == 1
        async with database.transaction() as tx:
            [sending] = await tx.outbox.take(SUPPORT, "we", LEASE, 10)
            if at:
                await tx.outbox.refuse(sending, "we", "is_archived")
            else:
                await tx.outbox.sent(sending, "we", None)
    assert [row.state for row in await messages(database)] == ["done", "refused", "done"]


async def test_what_is_quiet_waits_for_its_time(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    now = await now_of(database)
    later = Telling(HERE, Rung.HOLDER, now + HOUR, hana.id)
    await settled(database, Noted(inquiry.number, a_nudge(), NudgeOutcome.TOLD, (later,)))
    async with database.transaction() as tx:
        assert await tx.nudges.unbound(now) == []
        assert await tx.nudges.bind(HERE, now, PACE) == 0
        assert await tx.nudges.unbound(now + HOUR) == [HERE]
        assert await tx.nudges.bind(HERE, now + HOUR, PACE) == 1
    [message] = await messages(database)
    assert (message.agent_id, message.channel, message.number) == (hana.id, "@hana", inquiry.number)


async def test_processes_that_bind_at_once_make_one_message(on_postgresql: Database) -> None:
    await a_queue(on_postgresql, "support", SUPPORT)
    inquiries = await opened(on_postgresql, *(a_message() for _ in range(30)))

    async def notes_and_binds(some: Sequence[Inquiry]) -> None:
        for one in some:
            await settled(on_postgresql, told(one))
            await bound(on_postgresql)

    await asyncio.gather(*(notes_and_binds(inquiries[begin::5]) for begin in range(5)))
    await bound(on_postgresql)
    [message] = await messages(on_postgresql)
    async with on_postgresql.snapshot() as tx:
        said = await tx.nudges.told_by(message.id, 8)
    assert (len(said.lines), said.total) == (8, 30)


async def test_a_message_follows_what_it_tells_of_for_a_day(database: Database, inquiry: Inquiry) -> None:
    assert await sent(database) == ["card"]
    await settled(database, told(inquiry))
    await bound(database)
    assert await sent(database) == ["nudge"]
    [posted] = await messages(database)
    await settled(database, redraw=[inquiry.number])
    [again] = await messages(database)
    assert (again.state, again.posted_at, again.message) == ("pending", posted.posted_at, posted.message)
    assert await bound(database) == 0, "nothing joins a message that stands already"
    assert await sent(database) == ["nudge"]
    [again] = await messages(database)
    assert (again.state, again.posted_at) == ("done", posted.posted_at)
    async with database.transaction() as tx:
        old = again.created_at - timedelta(days=2)
        await tx.session.run(sa.update(outbox).where(outbox.c.id == again.id).values(created_at=old))
    await settled(database, redraw=[inquiry.number])
    assert [row.state for row in await messages(database)] == ["done"]


async def test_a_message_that_is_being_sent_is_drawn_anew_after_that(database: Database, inquiry: Inquiry) -> None:
    assert await sent(database) == ["card"]
    await settled(database, told(inquiry))
    await bound(database)
    async with database.transaction() as tx:
        [sending] = await tx.outbox.take(SUPPORT, "we", LEASE, 10)
    await settled(database, redraw=[inquiry.number])
    async with database.transaction() as tx:
        await tx.outbox.sent(sending, "we", MessageRef("C1", "m"))
    assert [row.state for row in await messages(database)] == ["pending"]


async def test_lines_come_by_when_they_are_due_and_each_follow_up_is_one(database: Database, inquiry: Inquiry) -> None:
    [later, earlier] = await opened(database, a_message(), a_message())
    remembered = a_nudge("follow_up:1", kind=NudgeKind.FOLLOW_UP, target=None, name="", due=None, at=MORNING + 3 * HOUR)
    await settled(
        database,
        told(later, due=MORNING + HOUR),
        told(earlier, due=MORNING - HOUR),
        told(earlier, "first_response:1:0:warn-50", name="warn-50", due=MORNING - HOUR),
        Noted(earlier.number, remembered, NudgeOutcome.TOLD, (Telling(SUPPORT, Rung.TEAM, MORNING),), "call them"),
    )
    assert await bound(database) == 4
    [message] = await messages(database)
    async with database.snapshot() as tx:
        said = await tx.nudges.told_by(message.id, 10)
    assert [(line.number, line.nudge.name, line.text) for line in said.lines] == [
        (earlier.number, "due", ""),
        (later.number, "due", ""),
        (earlier.number, "", "call them"),
    ]
    assert said.total == 3
