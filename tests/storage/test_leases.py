"""Leases: one of several replicas holds each, and another takes over when the holder leaves, dies or is cut off."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.leases import Leases
from tests.support.clock import Clock

PATIENCE = 20.0
NAME, OTHER = "imap:support", "imap:sales"


@pytest.fixture
async def pair(on_postgresql: Database) -> AsyncIterator[tuple[Leases, Leases]]:
    """The leases of two replicas."""
    ours, theirs = Leases(on_postgresql), Leases(on_postgresql)
    yield ours, theirs
    await ours.close()
    await theirs.close()


async def lock_holders(database: Database) -> list[int]:
    """The server's processes that hold leases."""
    query = "select distinct pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database"
    async with database._reader.connect() as connection:
        rows = await connection.execute(sa.text(query + " where datname = current_database())"))
        return list(rows.scalars())


async def terminate(database: Database) -> None:
    """The server ends every connection that holds a lease."""
    for pid in await lock_holders(database):
        async with database._reader.connect() as connection:
            await connection.execute(sa.text("select pg_terminate_backend(:pid)"), {"pid": pid})


async def held_in_the_end(leases: Leases, name: str = NAME) -> bool:
    """Ask again and again, as a mailbox does: the server takes a moment to notice that a connection is gone."""
    async with asyncio.timeout(PATIENCE):
        while not await leases.hold(name):  # noqa: ASYNC110 - what happens on the server sets no event
            await asyncio.sleep(0.02)
    return True


async def test_one_of_two_holds(pair: tuple[Leases, Leases]) -> None:
    ours, theirs = pair
    assert await ours.hold(NAME)
    assert not await theirs.hold(NAME)
    assert await ours.hold(NAME), "it is confirmed for as long as it is asked"
    assert not await theirs.hold(NAME)


async def test_of_many_at_once_just_one_holds(on_postgresql: Database) -> None:
    replicas = [Leases(on_postgresql) for _ in range(8)]
    held = await asyncio.gather(*(one.hold(NAME) for one in replicas))
    await asyncio.gather(*(one.close() for one in replicas))
    assert sorted(held) == [False] * 7 + [True]


async def test_each_name_is_a_lease_of_its_own(pair: tuple[Leases, Leases]) -> None:
    ours, theirs = pair
    assert list(await asyncio.gather(ours.hold(NAME), theirs.hold(OTHER))) == [True, True]
    assert list(await asyncio.gather(ours.hold(OTHER), theirs.hold(NAME))) == [False, False]


async def test_what_is_released_another_can_have(pair: tuple[Leases, Leases]) -> None:
    ours, theirs = pair
    assert await ours.hold(NAME)
    assert await ours.hold(OTHER)
    await ours.hold(NAME)
    await ours.release(NAME)
    assert await theirs.hold(NAME)
    assert not await theirs.hold(OTHER)
    assert not await ours.hold(NAME)


async def test_nobody_releases_what_is_anothers(pair: tuple[Leases, Leases]) -> None:
    ours, theirs = pair
    assert await ours.hold(NAME)
    await theirs.release(NAME)
    await theirs.hold(OTHER)
    await theirs.release(NAME)
    assert not await theirs.hold(NAME)
    assert await ours.hold(NAME)


async def test_another_takes_over_when_the_holder_closes(pair: tuple[Leases, Leases]) -> None:
    ours, theirs = pair
    assert await ours.hold(NAME)
    assert not await theirs.hold(NAME)
    await ours.close()
    assert await held_in_the_end(theirs)
    assert not await ours.hold(NAME), "after closing it may be asked again, and somebody else has it"


async def test_another_takes_over_when_the_holder_is_cut_off(
    pair: tuple[Leases, Leases], on_postgresql: Database
) -> None:
    ours, theirs = pair
    assert await ours.hold(NAME)
    assert await ours.hold(OTHER)
    await terminate(on_postgresql)
    assert await held_in_the_end(theirs)
    assert not await ours.hold(NAME)
    assert not await ours.hold(NAME)
    await ours.release(NAME)
    assert await held_in_the_end(ours, OTHER), "what nobody took meanwhile can be had again"


async def test_a_loss_is_told_by_false_and_never_by_an_error(
    pair: tuple[Leases, Leases], on_postgresql: Database
) -> None:
    """Even when nobody else took it: work that was done under it may have been another's meanwhile."""
    ours, _ = pair
    assert await ours.hold(NAME)
    await terminate(on_postgresql)
    assert not await ours.hold(NAME)
    assert await held_in_the_end(ours)
    await terminate(on_postgresql)
    await ours.release(NAME)
    assert await held_in_the_end(ours)


async def test_who_gave_up_waiting_may_ask_again(pair: tuple[Leases, Leases], on_postgresql: Database) -> None:
    """A question that is cancelled half-way leaves nothing in doubt: no lease that nobody knows of."""
    ours, theirs = pair
    for steps in range(0, 60, 3):
        asking = asyncio.create_task(ours.hold(NAME))
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert await held_in_the_end(ours)
        assert not await theirs.hold(NAME)
        assert len(await lock_holders(on_postgresql)) == 1
        await ours.release(NAME)
        assert await held_in_the_end(theirs)
        await theirs.release(NAME)


async def test_a_confirmation_that_is_cancelled_keeps_or_loses_the_lease_but_never_both(
    pair: tuple[Leases, Leases],
) -> None:
    ours, theirs = pair
    for steps in range(0, 30, 2):
        assert await held_in_the_end(ours)
        asking = asyncio.create_task(ours.hold(NAME))
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        held = [await theirs.hold(NAME), await ours.hold(NAME)]
        assert held.count(True) == 1
        await ours.release(NAME)
        await theirs.release(NAME)


async def test_where_no_server_answers_nobody_holds() -> None:
    nowhere = Leases(Database("postgresql://nobody@127.0.0.1:1/nothing", Clock()))
    assert not await nowhere.hold(NAME)
    await nowhere.release(NAME)
    await nowhere.close()


async def test_the_server_soon_notices_a_machine_that_is_gone(
    pair: tuple[Leases, Leases], on_postgresql: Database
) -> None:
    """A dead process closes its connection, a dead machine cannot: keep-alives tell, within the 30 s of a take-over."""
    ours, _ = pair
    assert await ours.hold(NAME)
    assert ours._connection is not None
    told = []
    for name in ("idle", "interval", "count"):
        rows = await ours._connection.execute(sa.text(f"select current_setting('tcp_keepalives_{name}')"))
        told.append(int(rows.scalar_one()))
    idle, interval, count = told
    assert 0 < idle + interval * count <= 20


async def test_on_sqlite_everything_is_ours(on_sqlite: Database) -> None:
    ours, theirs = Leases(on_sqlite), Leases(on_sqlite)
    assert await ours.hold(NAME)
    assert await theirs.hold(NAME)
    await ours.release(NAME)
    await ours.close()
    assert await ours.hold(NAME)
