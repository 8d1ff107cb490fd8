"""The service levels in the store: versions, races, and open inquiries that follow a new version."""

import asyncio

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.errors import Conflict
from bot.domain.inquiry import Inquiry
from bot.ports import LevelsVersion
from storage.database import Database
from storage.tables import inquiry as inquiry_table
from tests.builders import a_message, a_queue, an_act, opened
from tests.support.clock import MORNING

BODY = "digests: no  # 「急ぎ」 '; DROP TABLE levels; -- 😀\n"


async def kept(database: Database, seen: int, body: str = BODY, by: Agent | None = None, why: str = "why") -> int:
    async with database.transaction() as tx:
        return await tx.levels.keep(body, seen, by, MORNING, why)


async def apply(database: Database, limit: int) -> int:
    async with database.transaction() as tx:
        return await tx.levels.apply(limit)


async def timed(database: Database) -> None:
    """Everything is timed, at the version it has."""
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry_table).values(timed=inquiry_table.c.version))


async def untimed(database: Database) -> list[int]:
    """The inquiries that are to be timed anew, by number."""
    async with database.snapshot() as tx:
        query = sa.select(inquiry_table.c.number).where(inquiry_table.c.timed < inquiry_table.c.version)
        return sorted((await tx.session.run(query)).scalars())


async def several(database: Database, count: int, hana: Agent) -> list[Inquiry]:
    """Inquiries that are timed, every third of them resolved."""
    await a_queue(database)
    found = await opened(database, *(a_message() for _ in range(count)))
    for one in found[::3]:
        async with database.transaction() as tx:
            claim = one.claim(an_act(hana))
            await tx.inquiries.save(claim)
            await tx.inquiries.save(claim.after.resolve("done", an_act(hana, 1)))
    await timed(database)
    return found


async def test_a_version_comes_back_as_it_was_laid_down(database: Database, hana: Agent) -> None:
    async with database.snapshot() as tx:
        assert await tx.levels.current() is None
        assert await tx.levels.versions(5) == []
    assert [await kept(database, 0, by=None, why="starter set"), await kept(database, 1, "digests: yes\n", hana)] == [
        1,
        2,
    ]
    first, second = (
        LevelsVersion(1, BODY, MORNING, None, "starter set"),
        LevelsVersion(2, "digests: yes\n", MORNING, hana, "why"),
    )
    async with database.snapshot() as tx:
        assert await tx.levels.current() == second
        assert await tx.levels.versions(5) == [second, first]
        assert await tx.levels.versions(1) == [second]


@pytest.mark.parametrize("seen", [0, 1, 3])
async def test_a_change_of_what_is_not_the_newest_version_is_refused(database: Database, seen: int) -> None:
    await kept(database, 0)
    await kept(database, 1)
    with pytest.raises(Conflict, match="not at version"):
        await kept(database, seen)
    async with database.snapshot() as tx:
        assert [one.version for one in await tx.levels.versions(5)] == [2, 1]


async def test_of_several_who_change_the_same_version_one_wins(database: Database) -> None:
    await kept(database, 0)
    found = await asyncio.gather(*(kept(database, 1, f"# {each}\n") for each in range(5)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Conflict"] * 4 + ["int"]
    async with database.snapshot() as tx:
        assert [one.version for one in await tx.levels.versions(9)] == [2, 1]


async def test_a_new_version_is_applied_to_open_inquiries_in_steps_and_leaves_resolved_ones(
    database: Database, hana: Agent
) -> None:
    inquiries = await several(database, 7, hana)
    still_open = [one.number for number, one in enumerate(inquiries) if number % 3]
    assert await apply(database, 2) == 0
    await kept(database, 0)
    assert await untimed(database) == []
    assert await apply(database, 2) == 2
    assert await untimed(database) == still_open[:2]
    assert await apply(database, 2) == 2
    assert await apply(database, 2) == 0
    assert await untimed(database) == still_open
    await timed(database)
    assert await apply(database, 2) == 0
    assert await untimed(database) == []


async def test_a_version_that_comes_meanwhile_begins_anew(database: Database, hana: Agent) -> None:
    inquiries = await several(database, 5, hana)
    await kept(database, 0)
    assert await apply(database, 2) == 2
    await timed(database)
    await kept(database, 1)
    assert await apply(database, 100) == 3
    assert await untimed(database) == [one.number for number, one in enumerate(inquiries) if number % 3]
    assert await apply(database, 100) == 0


async def test_several_replicas_apply_each_step_once(on_postgresql: Database) -> None:
    await a_queue(on_postgresql)
    await opened(on_postgresql, *(a_message() for _ in range(10)))
    await timed(on_postgresql)
    await kept(on_postgresql, 0)
    async with on_postgresql.transaction() as first:
        assert await first.levels.apply(4) == 4
        assert await apply(on_postgresql, 4) == 0  # the other is at it
    assert [await apply(on_postgresql, 4), await apply(on_postgresql, 4), await apply(on_postgresql, 4)] == [4, 2, 0]


async def test_an_inquiry_that_is_being_timed_by_the_old_version_is_marked_after_that(on_postgresql: Database) -> None:
    await a_queue(on_postgresql)
    (one,) = await opened(on_postgresql)
    row = inquiry_table.c.number == one.number
    async with on_postgresql.transaction() as tx:
        await tx.session.run(sa.select(inquiry_table.c.number).where(row).with_for_update())
        await kept(on_postgresql, 0)
        applying = asyncio.create_task(apply(on_postgresql, 10))
        await tx.session.run(sa.update(inquiry_table).where(row).values(timed=one.version))
        await asyncio.sleep(0.1)
        assert not applying.done()
    assert await applying == 1
    assert await untimed(on_postgresql) == [one.number]
