"""Follow-ups in the store: listed in order, taken once, forgotten by whom they belong to."""

import asyncio
from datetime import timedelta

from bot.domain.agent import Agent
from bot.domain.follow_up import FollowUp
from bot.domain.inquiry import Inquiry
from storage.database import Database
from tests.builders import SUPPORT, a_queue, an_agent, opened
from tests.support.clock import MORNING, Clock

HOUR = timedelta(hours=1)


async def wanted(database: Database, agent: Agent, inquiry: Inquiry, hours: int, note: str = "") -> FollowUp:
    async with database.transaction() as tx:
        return await tx.follow_ups.add(inquiry.number, agent.id, MORNING + hours * HOUR, note, MORNING)


async def taken(database: Database, hours: int, limit: int = 100) -> list[FollowUp]:
    async with database.transaction() as tx:
        return await tx.follow_ups.take_due(MORNING + hours * HOUR, limit)


async def test_what_is_wanted_is_kept_as_it_was_said(database: Database, hana: Agent, inquiry: Inquiry) -> None:
    one = await wanted(database, hana, inquiry, 2, "倉庫に電話")
    assert one == FollowUp(one.id, inquiry.number, hana.id, MORNING + 2 * HOUR, "倉庫に電話", MORNING)
    async with database.snapshot() as tx:
        assert await tx.follow_ups.get(one.id) == one
        assert await tx.follow_ups.get(one.id + 1) is None


async def test_they_are_listed_in_the_order_in_which_they_come(
    database: Database, hana: Agent, inquiry: Inquiry
) -> None:
    ken = await an_agent(database, "Ken")
    late, early = await wanted(database, hana, inquiry, 5), await wanted(database, hana, inquiry, 1)
    kens = await wanted(database, ken, inquiry, 3)
    async with database.snapshot() as tx:
        assert await tx.follow_ups.of_inquiry(inquiry.number) == [early, kens, late]
        assert await tx.follow_ups.of_inquiry(inquiry.number + 1) == []
        assert await tx.follow_ups.of_agent(hana.id, MORNING + 5 * HOUR) == [early, late]
        assert await tx.follow_ups.of_agent(hana.id, MORNING + 4 * HOUR) == [early]


async def test_the_same_moment_again_is_the_same_with_the_newer_note(
    database: Database, hana: Agent, inquiry: Inquiry
) -> None:
    ken = await an_agent(database, "Ken")
    first = await wanted(database, hana, inquiry, 2, "call")
    again = await wanted(database, hana, inquiry, 2, "write")
    other = await wanted(database, ken, inquiry, 2, "look")
    assert (again.id, again.note) == (first.id, "write")
    async with database.snapshot() as tx:
        assert await tx.follow_ups.of_inquiry(inquiry.number) == [again, other]


async def test_what_is_due_is_taken_once_the_earliest_first(database: Database, hana: Agent, inquiry: Inquiry) -> None:
    second, first, later = [await wanted(database, hana, inquiry, hours) for hours in (2, 1, 3)]
    assert await taken(database, 0) == []
    (one,) = await taken(database, 2, limit=1)
    assert (one.id, one.told_at is not None) == (first.id, True)
    assert [one.id for one in await taken(database, 2)] == [second.id]
    assert await taken(database, 2) == []
    async with database.snapshot() as tx:
        assert await tx.follow_ups.of_inquiry(inquiry.number) == [later]
        assert await tx.follow_ups.of_agent(hana.id, MORNING + 9 * HOUR) == [later]


async def test_what_was_told_can_be_wanted_again(database: Database, hana: Agent, inquiry: Inquiry) -> None:
    first = await wanted(database, hana, inquiry, 1)
    await taken(database, 1)
    again = await wanted(database, hana, inquiry, 1)
    assert again.id != first.id
    assert [one.id for one in await taken(database, 1)] == [again.id]


async def test_what_is_taken_and_rolled_back_is_due_again(database: Database, hana: Agent, inquiry: Inquiry) -> None:
    one = await wanted(database, hana, inquiry, 1)
    try:
        async with database.transaction() as tx:
            assert await tx.follow_ups.take_due(MORNING + HOUR, 10)
            raise RuntimeError("the desk is killed")
    except RuntimeError:
        pass
    assert [each.id for each in await taken(database, 1)] == [one.id]


async def test_two_replicas_take_different_ones_and_neither_waits(on_postgresql: Database, postgres_url: str) -> None:
    hana = await an_agent(on_postgresql)
    await a_queue(on_postgresql, "support", SUPPORT)
    (inquiry,) = await opened(on_postgresql)
    first, second = [await wanted(on_postgresql, hana, inquiry, hours) for hours in (1, 2)]
    other = Database(postgres_url, Clock())
    try:
        async with asyncio.timeout(20), on_postgresql.transaction() as one, other.transaction() as two:
            mine = await one.follow_ups.take_due(MORNING + HOUR, 1)
            theirs = await two.follow_ups.take_due(MORNING + 9 * HOUR, 10)
            assert ([each.id for each in mine], [each.id for each in theirs]) == ([first.id], [second.id])
    finally:
        await other.close()


async def test_people_forget_their_own_only_and_only_what_is_to_come(
    database: Database, hana: Agent, inquiry: Inquiry
) -> None:
    ken = await an_agent(database, "Ken")
    one, told = [await wanted(database, hana, inquiry, hours) for hours in (2, 1)]
    await taken(database, 1)
    async with database.transaction() as tx:
        assert not await tx.follow_ups.cancel(one.id, ken.id)
        assert not await tx.follow_ups.cancel(told.id, hana.id)
        assert await tx.follow_ups.cancel(one.id, hana.id)
        assert not await tx.follow_ups.cancel(one.id, hana.id)
        assert await tx.follow_ups.of_inquiry(inquiry.number) == []
