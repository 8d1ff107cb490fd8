"""Transactions: nothing is lost between writers, nothing unfinished is seen, and trouble is told in words."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.domain.inquiry import Inquiry
from bot.ports import StoreDown
from storage.database import Database, async_url
from storage.schema import bring_up_to_date
from tests.builders import a_message, a_queue, an_act, an_agent, opened
from tests.support.clock import Clock

INCREMENTS = 120
ROOT = Path(__file__).parents[2]


async def test_what_was_committed_is_there_for_the_next_who_opens(database_url: str, clock: Clock) -> None:
    first = Database(database_url, clock)
    await a_queue(first)
    (inquiry,) = await opened(first)
    await first.close()
    second = Database(database_url, clock)
    async with second.snapshot() as tx:
        assert await tx.inquiries.get(inquiry.number) == inquiry
    await second.close()


async def test_a_snapshot_is_read_beside_a_writer_and_sees_nothing_uncommitted(database: Database) -> None:
    hana = await an_agent(database)
    await a_queue(database)
    (inquiry,) = await opened(database)

    async def seen() -> Inquiry | None:
        async with database.snapshot() as tx:
            return await tx.inquiries.get(inquiry.number)

    change = inquiry.claim(an_act(hana))
    async with database.transaction() as writing:
        await writing.inquiries.save(change)
        assert await writing.inquiries.get(inquiry.number) == change.after
        assert await seen() == inquiry
    assert await seen() == change.after


async def test_a_cancelled_transaction_leaves_no_change_and_no_lock(database: Database) -> None:
    await a_queue(database)
    begun = asyncio.Event()

    async def stuck() -> None:
        async with database.transaction() as tx:
            await tx.queues.add("never", "en", "UTC")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await a_queue(database, "after")
    async with database.snapshot() as tx:
        assert [queue.name for queue in await tx.queues.all()] == ["after", "support"]


# --- SQLite: several writers on one file ----------------------------------------------------------------


async def _increments(engines: list[AsyncEngine]) -> tuple[int, int]:
    """Read a number and write the next, so many times at once: the number in the end, and how many failed."""

    async def increment(engine: AsyncEngine) -> None:
        async with engine.connect() as connection, connection.begin():
            number = (await connection.execute(sa.text("SELECT n FROM counter"))).scalar_one()
            await connection.execute(sa.text("UPDATE counter SET n = :n"), {"n": number + 1})

    async with engines[0].connect() as connection, connection.begin():
        await connection.execute(sa.text("CREATE TABLE counter (n INTEGER)"))
        await connection.execute(sa.text("INSERT INTO counter VALUES (0)"))
    tasks = [increment(engines[n % len(engines)]) for n in range(INCREMENTS)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(one) for one in outcomes} <= {type(None), OperationalError}
    async with engines[0].connect() as connection:
        total = (await connection.execute(sa.text("SELECT n FROM counter"))).scalar_one()
    return int(total), sum(one is not None for one in outcomes)


async def test_writers_on_one_file_lose_nothing(sqlite_url: str, clock: Clock) -> None:
    two = [Database(sqlite_url, clock), Database(sqlite_url, clock)]
    assert await _increments([one._writer for one in two]) == (INCREMENTS, 0)
    for one in two:
        await one.close()


async def test_with_the_drivers_own_transactions_the_same_writers_lose_some(tmp_path: Path) -> None:
    """The negative control: the driver begins its transactions only at the first write, after the reading."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'plain.db'}"
    engines = [create_async_engine(url, connect_args={"timeout": 5}) for _ in range(2)]
    total, _ = await _increments(engines)
    assert total < INCREMENTS
    for engine in engines:
        await engine.dispose()


HOLD = """
import sys
from datetime import UTC, datetime
from storage.database import Database
database = Database(sys.argv[1], lambda: datetime.now(UTC))
database.guard()
print("held", flush=True)
sys.stdin.read()
"""


async def test_a_second_process_on_a_sqlite_file_is_refused_in_a_sentence(sqlite_url: str, clock: Clock) -> None:
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, sqlite_url, cwd=ROOT, stdin=pipe, stdout=pipe
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    path = make_url(sqlite_url).database
    with pytest.raises(
        RuntimeError, match=f"^Another Madoguchi runs on {path} already. Stop it first, or set DATABASE"
    ):
        Database(sqlite_url, clock).guard()
    other.kill()
    await other.communicate()
    free_again = Database(sqlite_url, clock)
    free_again.guard()
    await free_again.close()


async def test_closing_frees_the_file(sqlite_url: str, clock: Clock) -> None:
    for _ in range(2):
        database = Database(sqlite_url, clock)
        database.guard()
        await database.close()


async def test_postgresql_is_for_several(postgres_url: str, clock: Clock) -> None:
    two = [Database(postgres_url, clock), Database(postgres_url, clock)]
    for one in two:
        one.guard()
        await a_queue(one)
        await one.close()


# --- PostgreSQL: away, and back -------------------------------------------------------------------------


@pytest.fixture
def nowhere(unused_tcp_port: int) -> str:
    return f"postgresql://madoguchi@127.0.0.1:{unused_tcp_port}/madoguchi"


async def _writes(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.queues.all()


async def _reads(database: Database) -> None:
    async with database.snapshot() as tx:
        await tx.queues.all()


async def _migrates(database: Database) -> None:
    await bring_up_to_date(database.url)


@pytest.mark.parametrize("use", [_writes, _reads, _migrates])
async def test_a_server_that_is_away_is_told_so(
    nowhere: str, clock: Clock, use: Callable[[Database], Awaitable[None]]
) -> None:
    database = Database(nowhere, clock)
    with pytest.raises(StoreDown, match="refused"):
        await use(database)
    await database.close()


async def test_a_connection_lost_in_the_middle_loses_its_work_and_the_next_one_works(on_postgresql: Database) -> None:
    async def cut_off() -> None:
        async with on_postgresql.transaction() as tx:
            await tx.queues.add("lost", "en", "UTC")
            _throw_out_everybody(on_postgresql.url)
            await tx.queues.add("lost too", "en", "UTC")

    with pytest.raises(StoreDown):
        await cut_off()
    await a_queue(on_postgresql, "after")
    async with on_postgresql.snapshot() as tx:
        assert [queue.name for queue in await tx.queues.all()] == ["after"]


def _throw_out_everybody(url: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_who_must_give_way_in_a_deadlock_decides_anew(on_postgresql: Database) -> None:
    hana = await an_agent(on_postgresql)
    await a_queue(on_postgresql)
    one, other = await opened(on_postgresql, a_message(), a_message())
    both_hold = asyncio.Barrier(2)

    async def claim(first: Inquiry, second: Inquiry) -> None:
        async with on_postgresql.transaction() as tx:
            await tx.inquiries.save(first.claim(an_act(hana)))
            await both_hold.wait()
            await tx.inquiries.save(second.claim(an_act(hana)))

    outcomes = await asyncio.gather(claim(one, other), claim(other, one), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]


# --- addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///var/madoguchi.db", "sqlite+aiosqlite:///var/madoguchi.db"),
        ("sqlite+aiosqlite:////srv/m.db", "sqlite+aiosqlite:////srv/m.db"),
        ("postgres://u:p@db/m", "postgresql+psycopg://u:p@db/m"),
        ("postgresql://u:p@db/m?sslmode=require", "postgresql+psycopg://u:p@db/m?sslmode=require"),
        ("postgresql+asyncpg://db/m", "postgresql+psycopg://db/m"),
    ],
)
def test_addresses_get_the_drivers_that_we_use(url: str, expected: str) -> None:
    assert async_url(url) == expected


@pytest.mark.parametrize("url", ["mysql://db/m", "var/madoguchi.db", ""])
def test_other_databases_are_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL must begin with sqlite:/// or postgresql://"):
        async_url(url)
