"""A customer's history among a million inquiries: ours against the bare queries, and the whole /history command."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.operations.metrics import Metrics
from benchmarks.databases import databases
from benchmarks.million import AGENTS, CUSTOMERS, FIRST, INQUIRIES, fill, whose
from benchmarks.table import Figure, percentile, ratio, show
from bot.chat.card import Card
from bot.chat.invocation import Invocation
from bot.dispatch import Dispatch
from bot.domain.customer import Identity, IdentityKind
from bot.ports import Handle
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from storage.tables import InquiryRow
from tests.builders import SUPPORT, a_queue, an_agent

ROUNDS = 9
ASKED = 250
"""Histories a round, of the customers of so many inquiries taken at random: busy ones are asked for more often."""
PAGE = 8
BARE_ROWS = 20
GOAL = 1.3
P95 = 0.95

NEWEST = f"bare: the newest {BARE_ROWS} by SQLModel's async session"
CONTACTS = f"ours: the page of {PAGE}, with answers and count"
SAME_CONTACTS = "bare Core: its statement, by the same engine"
READS = "ours: all that the command reads"
SAME_READS = "bare Core: all its statements, by the same engine"
COMMAND = "the whole command, through the real dispatch"

Look = Callable[[int], Awaitable[object]]
"""Somebody looks at a customer's history."""


def main() -> None:
    """Run on each database and print a table for each."""
    with databases() as urls:
        for name, url in urls.items():
            title = f"History of one customer, {INQUIRIES:,} inquiries, {CUSTOMERS:,} customers, {name}; p95"
            show(title, asyncio.run(_figures(url)))


async def _figures(url: str) -> list[Figure]:
    database = Database(url, _clock)
    try:
        await a_queue(database, "support", SUPPORT)
        for person in range(AGENTS):
            await an_agent(database, f"Agent{person}")
        await asyncio.to_thread(fill, url)
        dispatch = Dispatch(database, COMMANDS, Translator(), _clock, Metrics(), "en", "UTC")
        contenders = _contenders(database, dispatch)
        dice = random.Random(6)
        rounds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS + 1):
            people = [whose(FIRST + dice.randrange(INQUIRIES)) for _ in range(ASKED)]
            for name, times in (await _round(contenders, people, dice)).items():
                rounds[name].append(percentile(times, P95) * 1000)
    finally:
        await database.close()
    warm = {name: values[1:] for name, values in rounds.items()}

    def figure(name: str, floor: str = "") -> Figure:
        if not floor:
            return Figure(name, warm[name], "ms")
        return Figure(name, warm[name], "ms", f"{ratio(warm[name], warm[floor]):.2f}x of it", f"at most {GOAL}x")

    return [
        figure(NEWEST),
        figure(CONTACTS, NEWEST),
        figure(SAME_CONTACTS),
        figure(CONTACTS, SAME_CONTACTS),
        figure(SAME_READS),
        figure(READS, SAME_READS),
        figure(COMMAND),
    ]


async def _round(contenders: dict[str, Look], people: list[int], dice: random.Random) -> dict[str, list[float]]:
    """Seconds of each contender for each of these.

    They take turns, so that what slows one down slows all, in any order: the first warms the database's cache.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for look in contenders.values():
        if isinstance(look, Replay):
            await look.learn(people)
    for person in people:
        for name, look in dice.sample(list(contenders.items()), len(contenders)):
            begun = perf_counter()
            await look(person)
            times[name].append(perf_counter() - begun)
    return times


def _contenders(database: Database, dispatch: Dispatch) -> dict[str, Look]:
    async def newest(person: int) -> object:
        wanted = (
            select(InquiryRow)
            .where(InquiryRow.customer_id == person)
            .order_by(sa.desc(sa.column("opened_at")))
            .limit(BARE_ROWS)
        )
        async with AsyncSession(database._reader) as session:
            return (await session.exec(wanted)).all()

    async def contacts(person: int) -> object:
        async with database.snapshot() as tx:
            return await tx.histories.contacts(person, 0, PAGE)

    async def reads(person: int) -> object:
        async with database.snapshot() as tx:
            await tx.agents.by_handle(Handle(SUPPORT.platform, "agent0"))
            await tx.customers.by_identity(Identity(IdentityKind.MAIL, f"c{person}@example.com"))
            await tx.customers.person(person)
            return await tx.histories.contacts(person, 0, PAGE)

    async def command(person: int) -> object:
        asked = Invocation(SUPPORT.platform, "agent0", "history", text=f"c{person}@example.com")
        answer = await dispatch.call(asked)
        if not isinstance(answer, Card) or not answer.items:
            raise RuntimeError(f"no history of customer {person}: {answer}")
        return answer

    return {
        NEWEST: newest,
        CONTACTS: contacts,
        SAME_CONTACTS: Replay(database._reader, contacts),
        READS: reads,
        SAME_READS: Replay(database._reader, reads),
        COMMAND: command,
    }


class Replay:
    """The floor under a look: the statements that it executes, by the same engine, with nothing around them."""

    def __init__(self, engine: AsyncEngine, look: Look) -> None:
        self._engine = engine
        self._look = look
        self._heard: dict[int, list[tuple[sa.Executable, Any]]] = {}

    async def learn(self, people: Sequence[int]) -> None:
        """Look at these once, and note what is executed."""
        heard: list[tuple[sa.Executable, Any]] = []

        def note(_connection: Any, statement: Any, rows: Any, values: Any, _options: Any) -> None:
            heard.append((statement, rows or values))

        sa.event.listen(self._engine.sync_engine, "before_execute", note)
        for person in people:
            await self._look(person)
            self._heard[person] = list(heard)
            heard.clear()
        sa.event.remove(self._engine.sync_engine, "before_execute", note)

    async def __call__(self, person: int) -> object:
        async with self._engine.connect() as connection, connection.begin():
            return [(await connection.execute(*asked)).all() for asked in self._heard[person]]


def _clock() -> datetime:
    return datetime.now(UTC)
