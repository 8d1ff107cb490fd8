"""Claims per second, 50 at once: through the real dispatch, against bare SQLAlchemy Core doing the same work."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import perf_counter

from adapters.operations.metrics import Metrics
from benchmarks.bare_claims import BareClaims
from benchmarks.databases import databases
from benchmarks.table import Figure, ratio, show
from bot.chat.invocation import Invocation
from bot.dispatch import Dispatch
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, an_agent, opened

TASKS = 50
CLAIMS = 300
ROUNDS = 9
GOAL = 0.75

Claim = Callable[[int, int], Awaitable[object]]
"""Somebody, by their index, claims an inquiry, by its number."""


def main() -> None:
    """Run on each database and print a table for each."""
    with databases() as urls:
        for name, url in urls.items():
            show(f"Claims, {TASKS} at once, {name}", asyncio.run(_figures(url)))


async def _figures(url: str) -> list[Figure]:
    database = Database(url, _clock)
    bare = BareClaims(database.url)
    dispatch = Dispatch(database, COMMANDS, Translator(), _clock, Metrics(), "en", "UTC")

    async def ours(person: int, number: int) -> None:
        pressed = Invocation(
            SUPPORT.platform,
            f"agent{person}",
            "claim",
            channel=SUPPORT.channel,
            message="1",
            options={"inquiry": str(number)},
            seen=1,
        )
        await dispatch.call(pressed)

    contenders: dict[str, Claim] = {"ours": ours, "same": bare.same_statements, "update": bare.update_alone}
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    try:
        await a_queue(database, "support", SUPPORT)
        for person in range(TASKS):
            await an_agent(database, f"Agent{person}")
        for _ in range(ROUNDS + 1):
            for name, claim in contenders.items():
                rates[name].append(await _rate(database, claim))
    finally:
        await bare.close()
        await database.close()
    ours_, same, update = (rates[name][1:] for name in ("ours", "same", "update"))  # the first round warms up
    return [
        Figure("the real dispatch", ours_, "claims/s"),
        Figure(
            "bare Core, the same five statements",
            same,
            "claims/s",
            f"ours is {ratio(ours_, same):.0%}",
            f"at least {GOAL:.0%}",
        ),
        Figure("bare Core, the conditional UPDATE alone", update, "claims/s", f"ours is {ratio(ours_, update):.0%}"),
    ]


async def _rate(database: Database, claim: Claim) -> float:
    """Claims per second; each inquiry is one of its own. Raises RuntimeError when any was not claimed."""
    fresh = await opened(database, *(a_message() for _ in range(CLAIMS)))
    numbers = iter([one.number for one in fresh])

    async def claim_some(person: int) -> None:
        for number in numbers:
            await claim(person, number)

    begun = perf_counter()
    await asyncio.gather(*(claim_some(person) for person in range(TASKS)))
    taken = perf_counter() - begun
    async with database.snapshot() as tx:
        now = [await tx.inquiries.get(one.number) for one in fresh]
    missed = sum(one is None or one.holder is None for one in now)
    if missed:
        raise RuntimeError(f"{missed} of {CLAIMS} inquiries were not claimed")
    return CLAIMS / taken


def _clock() -> datetime:
    return datetime.now(UTC)
