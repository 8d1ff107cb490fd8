"""Events of platforms: how many a source has told of late, whoever noted them."""

from datetime import UTC, datetime, timedelta

from storage.database import Database
from tests.support.clock import Clock

MINUTE = timedelta(minutes=1)


async def note(database: Database, source: str, *events: str) -> None:
    async with database.transaction() as tx:
        for event in events:
            await tx.arrivals.first(source, event)


async def count(database: Database, source: str, since: datetime) -> int:
    async with database.snapshot() as tx:
        return await tx.arrivals.count(source, since)


def now(database: Database, clock: Clock) -> datetime:
    return clock() if database.is_sqlite else datetime.now(UTC)  # PostgreSQL goes by its own clock


async def test_each_event_of_a_source_counts_once(database: Database, clock: Clock) -> None:
    since = now(database, clock) - MINUTE
    assert await count(database, "discord.identify", since) == 0
    await note(database, "discord.identify", "a", "b")
    await note(database, "discord.identify", "b", "c")
    await note(database, "discord", "a")
    assert await count(database, "discord.identify", since) == 3
    assert await count(database, "discord", since) == 1


async def test_only_what_came_since_then_counts(database: Database, clock: Clock) -> None:
    await note(database, "discord.identify", "a")
    noted = now(database, clock)
    assert await count(database, "discord.identify", noted - MINUTE) == 1
    assert await count(database, "discord.identify", noted + MINUTE) == 0


async def test_what_came_at_that_very_moment_counts(on_sqlite: Database, clock: Clock) -> None:
    await note(on_sqlite, "discord.identify", "a")
    assert await count(on_sqlite, "discord.identify", clock()) == 1


async def test_what_is_counted_in_a_transaction_holds_what_it_noted_itself(database: Database, clock: Clock) -> None:
    since = now(database, clock) - MINUTE
    async with database.transaction() as tx:
        await tx.arrivals.first("discord.identify", "a")
        assert await tx.arrivals.count("discord.identify", since) == 1


async def test_what_is_forgotten_counts_no_more(database: Database, clock: Clock) -> None:
    await note(database, "discord.identify", "a")
    noted = now(database, clock)
    async with database.transaction() as tx:
        await tx.arrivals.forget(noted + MINUTE)
    assert await count(database, "discord.identify", noted - MINUTE) == 0
