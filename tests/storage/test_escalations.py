"""Escalations in the store: kept whole, one winner of a race, and every message drawn anew."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.errors import Conflict
from bot.domain.escalation import Escalation, EscalationState, For, Help, Post, Urgency, Verdict
from bot.domain.inquiry import Inquiry
from bot.ports import Handle, Place
from storage.database import Database
from storage.tables import outbox
from tests.builders import an_agent
from tests.support.clock import MORNING

CHANNEL, DIRECT = Post(For.HELPERS, "slack", "C1"), Post(For.HELPERS, "slack", "@U7")
LATER = MORNING + timedelta(minutes=5)


async def asked(database: Database, inquiry: Inquiry, asker: Agent, *posts: Post) -> Escalation:
    one = Escalation(
        number=inquiry.number,
        at=MORNING,
        asker=asker,
        help=Help.APPROVAL,
        urgency=Urgency.NOW,
        content="Where is it?",
        tried="I called",
        criterion="Over 100,000 yen",
        topic="Customs",
        platform="slack",
        channel="C1",
        posts=posts or (CHANNEL, DIRECT),
    )
    async with database.transaction() as tx:
        return await tx.escalations.ask(one)


async def kept(database: Database, id_: int) -> Escalation:
    async with database.snapshot() as tx:
        found = await tx.escalations.get(id_)
    assert found
    return found


async def said(database: Database) -> list[tuple[str, str, int]]:
    """Key, state and revision of each message."""
    async with database._reader.connect() as connection:
        query = sa.select(outbox.c.key, outbox.c.state, outbox.c.revision).where(outbox.c.kind == "escalation")
        return [tuple(row) for row in (await connection.execute(query.order_by(outbox.c.id))).all()]


async def test_it_is_kept_whole_from_step_to_step(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    ken = await an_agent(database, "Ken")
    one = await asked(database, inquiry, hana)
    assert await kept(database, one.id) == one
    for after in (
        replace(one.accept(ken, LATER), posts=(CHANNEL, Post(For.ACCEPTED, "slack", "@U1"))),
        one.give_answer("Yes", Verdict.REJECTED, ken, LATER),
        one.give_answer("Yes", Verdict.REJECTED, ken, LATER).feed_back(False, "late", hana, LATER),
        one.pass_on("", "", "", ken),
    ):
        before = await kept(database, one.id)
        after = replace(after, version=before.version + 1)
        async with database.transaction() as tx:
            await tx.escalations.save(before, after)
        assert await kept(database, one.id) == after
    async with database.snapshot() as tx:
        assert await tx.escalations.of_inquiry(inquiry.number) == [after]
        assert await tx.escalations.get(one.id + 1) is None


async def test_a_change_is_told_wherever_it_was_told(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    ken = await an_agent(database, "Ken")
    one = await asked(database, inquiry, hana)
    first = [(f"escalation{one.id}:slack:C1", "pending", 1), (f"escalation{one.id}:slack:@U7", "pending", 1)]
    assert await said(database) == first
    after = one.accept(ken, LATER).telling([Post(For.ACCEPTED, "slack", "@U1")])
    async with database.transaction() as tx:
        await tx.escalations.save(one, after)
    assert await said(database) == [
        (f"escalation{one.id}:slack:C1", "pending", 2),
        (f"escalation{one.id}:slack:@U7", "pending", 2),
        (f"escalation{one.id}.accepted:slack:@U1", "pending", 1),
    ]


async def test_of_two_who_accept_at_once_one_has_it(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    people = [await an_agent(database, name) for name in ("Ken", "Emma", "Yui")]
    one = await asked(database, inquiry, hana)

    async def accept(agent: Agent) -> bool:
        try:
            async with database.transaction() as tx:
                before = await tx.escalations.get(one.id)
                assert before
                await tx.escalations.save(before if before.version == 1 else one, one.accept(agent, LATER))
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(accept(each) for each in people))
    assert won.count(True) == 1
    after = await kept(database, one.id)
    assert after.taken_by == people[won.index(True)]


async def test_who_saves_what_somebody_changed_has_to_decide_anew(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    ken = await an_agent(database, "Ken")
    one = await asked(database, inquiry, hana)
    async with database.transaction() as tx:
        await tx.escalations.save(one, one.withdraw())
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.escalations.save(one, one.accept(ken, LATER))
    assert (await kept(database, one.id)).state is EscalationState.WITHDRAWN


async def test_with_the_inquiry_resolved_only_what_waits_is_withdrawn(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    ken = await an_agent(database, "Ken")
    waiting, answered = await asked(database, inquiry, hana), await asked(database, inquiry, hana)
    async with database.transaction() as tx:
        await tx.escalations.save(answered, answered.give_answer("Yes", None, ken, LATER))
    async with database.transaction() as tx:
        assert await tx.escalations.withdraw(inquiry.number) == 1
        assert await tx.escalations.withdraw(inquiry.number) == 0
    states = [(await kept(database, one.id)).state for one in (waiting, answered)]
    assert states == [EscalationState.WITHDRAWN, EscalationState.ANSWERED]


async def test_where_people_and_platforms_are(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    ken = await an_agent(database, "Ken", platform="slack")
    async with database.transaction() as tx:
        await tx.agents.join(ken, Handle("discord", "ken1"), None)
        await tx.queues.show("support", Place("elsewhere", "C9"))
    async with database.snapshot() as tx:
        places = await tx.escalations.directly([hana.id, ken.id, 99])
        assert places == {hana.id: Place("workspace", "@hana"), ken.id: Place("discord", "@ken1")}
        assert await tx.escalations.directly([]) == {}
        known = {one: await tx.escalations.reaches(one) for one in ("slack", "discord", "workspace", "elsewhere", "x")}
    assert known == {"slack": True, "discord": True, "workspace": True, "elsewhere": True, "x": False}


async def test_who_has_left_is_nowhere(database: Database, hana: Agent) -> None:
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("workspace", "hana"), "Hana", None, "en", "UTC")
    async with database.snapshot() as tx:
        assert await tx.escalations.directly([hana.id]) == {}
