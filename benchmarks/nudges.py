"""Nudges: a tick over few and over many open inquiries, what is due against bare statements, and new service levels."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from time import perf_counter

import sqlalchemy as sa

from adapters.operations.metrics import Metrics
from benchmarks.bare_nudges import BareNudges
from benchmarks.databases import databases
from benchmarks.table import Figure, median, ratio, show
from bot.domain.agent import Agent
from bot.domain.levels import Calendar, Level, Levels
from bot.domain.policy import Policy, Target
from bot.level_file import written
from bot.nudges import Nudges
from storage.database import Database
from storage.tables import customer, event, inquiry, levels, nudge
from storage.tables.levels import ALL as APPLIED
from tests.builders import SUPPORT, a_message, a_queue, an_agent, opened

FEW, MANY, ALL = 100, 20_000, 100_000
"""Open inquiries; ALL of them with `--full`."""
DUE = 1_000
ROUNDS, TICKS = 5, 40
AGENTS = 10
CHUNK = 5_000
FIRST = 10_001
GROWTH = 2.0
HOUR = timedelta(hours=1)
LONG = 1_000 * HOUR
"""The promised time: half of it is over for what is due, and hardly any for the others."""


def main() -> None:
    """Run on each database and print a table for each; `--full` with 100,000 open inquiries."""
    many = ALL if "--full" in sys.argv else MANY
    with databases() as urls:
        for name, url in urls.items():
            show(f"Nudges, {many:,} open inquiries, {name}", asyncio.run(_figures(url, many)))


async def _figures(url: str, many: int) -> list[Figure]:
    database = Database(url, _clock)
    engine, bare = Nudges(database, Metrics()), BareNudges(database.url)
    try:
        agents = await _team(database)
        await _fill(database, agents, 0, FEW)
        await engine.tick()
        few = [await _tick(engine) for _ in range(ROUNDS)]
        await _fill(database, agents, FEW, many)
        await engine.tick()
        idle = [await _tick(engine) for _ in range(ROUNDS)]
        ours, floor = await _due(database, engine, bare)
        anew = await _levels(database, engine)
    finally:
        await bare.close()
        await database.close()
    growth, times = median(idle) / median(few), ratio(ours, floor)
    return [
        Figure(f"a tick, {FEW} open, nothing due", few, "ms"),
        Figure(f"a tick, {many:,} open, nothing due", idle, "ms", f"{growth:.2f} times", f"at most {GROWTH:g}"),
        Figure(f"{DUE:,} due: worked out, told and bound", ours, "ms", f"{times:.1f} times the floor"),
        Figure("bare: the same rows by SQLAlchemy Core", floor, "ms"),
        Figure(f"new service levels for {many:,} open", [anew], "s", f"{1e6 * anew / many:.0f} us each"),
    ]


async def _tick(engine: Nudges) -> float:
    """Milliseconds of a tick, of many in a row."""
    return await _time(lambda: _often(engine)) / TICKS


async def _often(engine: Nudges) -> None:
    for _ in range(TICKS):
        await engine.tick()


async def _due(database: Database, engine: Nudges, bare: BareNudges) -> tuple[list[float], list[float]]:
    """Milliseconds of each round, ours and the floor, one after the other."""
    ours, floor = list[float](), list[float]()
    for number in range(ROUNDS + 1):
        begin = FIRST + number * 2 * DUE
        await _falls_due(database, begin)
        ours.append(await _time(engine.tick))
        await _must_be_told(database, begin)
        others = range(begin + DUE, begin + 2 * DUE)
        floor.append(await _time(lambda numbers=others: bare.tell(numbers)))  # type: ignore[misc]
    return ours[1:], floor[1:]


async def _levels(database: Database, engine: Nudges) -> float:
    """Seconds of work until every open inquiry follows a new version; ticks come every two seconds."""
    await _lay_down(database, 2 * LONG, 1)
    begun = perf_counter()
    while await engine.tick() or await _is_behind(database):
        pass
    return perf_counter() - begun


async def _is_behind(database: Database) -> bool:
    async with database.snapshot() as tx:
        newest = await tx.session.run(sa.select(levels.c.applied).order_by(levels.c.version.desc()).limit(1))
        return int(newest.scalar_one()) != APPLIED


async def _time(work: Callable[[], Awaitable[object]]) -> float:
    begun = perf_counter()
    await work()
    return 1000 * (perf_counter() - begun)


async def _team(database: Database) -> Sequence[Agent]:
    await a_queue(database, "support", SUPPORT)
    agents = [await an_agent(database, f"Agent{person}") for person in range(AGENTS)]
    await _lay_down(database, LONG, 0)
    await opened(database, a_message())  # so that there is a customer
    return agents


async def _lay_down(database: Database, long: timedelta, seen: int) -> None:
    always = Calendar("always", "Asia/Tokyo", dict.fromkeys(range(7), ((time(0), time(12)), (time(12), time(0)))))
    policy = Policy("standard", {Target.FIRST_RESPONSE: long, Target.RESOLUTION: 2 * long}, (50, 80), (HOUR,))
    body = written(Levels({"always": always}, (Level(policy=policy, calendar="always"),)))
    async with database.transaction() as tx:
        await tx.levels.keep(body, seen, None, _clock(), "")


async def _fill(database: Database, agents: Sequence[Agent], begin: int, end: int) -> None:
    """Inquiries that were opened and claimed just now, from the one to the other."""
    now = _clock()
    for start in range(begin, end, CHUNK):
        numbers = range(FIRST + start, FIRST + min(start + CHUNK, end))
        async with database.transaction() as tx:
            record = (await tx.session.run(sa.select(sa.func.min(customer.c.id)))).scalar_one()
            await tx.session.insert(inquiry, [_open(one, record, agents[one % AGENTS].id, now) for one in numbers])
            await tx.session.insert(
                event,
                [
                    {
                        "number": one,
                        "version": version,
                        "kind": kind,
                        "at": now,
                        "source": "mail",
                        "agent_id": agents[one % AGENTS].id if version == 2 else None,
                        "details": {},
                    }
                    for one in numbers
                    for version, kind in ((1, "opened"), (2, "claimed"))
                ],
            )
    if not database.is_sqlite:  # which knows its tables by itself, in time; on SQLite nobody ever analyses them
        async with database.transaction() as tx:
            await tx.session.run(sa.text("ANALYZE"))


def _open(number: int, record: int, holder: int, now: datetime) -> dict[str, object]:
    return {
        "number": number,
        "queue": "support",
        "customer_id": record,
        "address": "c@example.com",
        "subject": f"The parcel is late {number}",
        "status": "open",
        "holder_id": holder,
        "held_since": now,
        "opened_at": now,
        "waiting_since": now,
        "note": "",
        "excerpt": "Where is my parcel?",
        "attachments": 0,
        "messages": 1,
        "readable": True,
        "version": 2,
        "spoken_version": 1,
        "holder_version": 2,
    }


async def _falls_due(database: Database, begin: int) -> None:
    """A thousand were opened so long ago that people are to be reminded of each."""
    async with database.transaction() as tx:
        ours = event.c.number.between(begin, begin + DUE - 1)
        await tx.session.run(sa.update(event).where(ours).values(at=_clock() - 0.6 * LONG))
        those = inquiry.c.number.between(begin, begin + DUE - 1)
        await tx.session.run(sa.update(inquiry).where(those).values(next_at=_clock() - HOUR))


async def _must_be_told(database: Database, begin: int) -> None:
    async with database.snapshot() as tx:
        told = nudge.c.number.between(begin, begin + DUE - 1)
        count = (await tx.session.run(sa.select(sa.func.count()).select_from(nudge).where(told))).scalar_one()
    if count != DUE:
        raise RuntimeError(f"of {DUE} that were due {count} were told")


def _clock() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
