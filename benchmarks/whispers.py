"""Whispers while 1,000 cards are pending: from the press of /whisper until the platform has it."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

import sqlalchemy as sa

from adapters.operations.metrics import Metrics
from benchmarks.databases import databases
from benchmarks.table import Figure, percentile, plain, show
from benchmarks.whisper_places import PEOPLE, Platform, discord, names, slack, workspace
from bot.chat.invocation import Invocation
from bot.delivery import Delivery
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.domain.inquiry import Inquiry
from bot.gate import Gate
from bot.notices import NoticeKind
from bot.ports import Handle, Place
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from storage.saying import DONE, PENDING
from storage.tables import advice, metadata, outbox
from tests.builders import a_message, an_act, opened

CARDS, NOTICES = 82, 20
"""Pending cards are CHANNELS times CARDS and, of the people's own notices, PEOPLE times NOTICES: 1,000 in all."""
ROUNDS = 6
GOAL = 300
FEW = 3
"""Whispers without priority: each takes long."""
PATIENCE = 10.0
"""Seconds after which a whisper is counted with no more than that."""
REFILL = 0.25
HOUR = timedelta(hours=1)
COMPARED = (
    f"In turn: the same delivery without priority; {NOTICES} notices wait for each person. What takes longer than "
    f"{PATIENCE:.0f} s counts as that."
)


class InTurn(Delivery):
    """The control: one courier a place, who takes what is oldest and finishes what is in hand."""

    async def _due_places(self, urgent: bool = False) -> list[Place]:
        return [] if urgent else await super()._due_places()

    def _gate(self, place: Place) -> Gate:
        if place not in self._gates:
            self._gates[place] = Gate(self._platforms[place.platform].pace)
        return self._gates[place]


def main() -> None:
    """Run on each database and platform and print a table for each database; `--quick` with one round."""
    rounds = 1 if "--quick" in sys.argv else ROUNDS
    with databases() as urls:
        for name, url in urls.items():
            show(f"Whispers while 1,000 cards are pending, {name}", asyncio.run(_figures(url, rounds)), [COMPARED])


async def _figures(url: str, rounds: int) -> list[Figure]:
    figures = []
    for name, opening in (("workspace", workspace), ("slack", slack), ("discord", discord)):
        async with opening() as (platform, people, channels):
            desk = Bench(url, platform, people, channels)
            idle = await desk.measured(Delivery, False, names()[1:] * rounds)
            busy = await desk.measured(Delivery, True, names()[1:] * rounds)
            control = await desk.measured(InTurn, True, names()[1 : 1 + FEW])
        p95 = percentile(busy, 0.95)
        told = f"{plain(p95 / GOAL)} times the goal"
        figures += [
            Figure(f"{name}, nothing pending, p95", [percentile(idle, 0.95)], "ms"),
            Figure(f"{name}, 1,000 pending, p50", [percentile(busy, 0.5)], "ms"),
            Figure(f"{name}, 1,000 pending, p95", [p95], "ms", told, f"at most {GOAL} ms"),
            Figure(f"{name}, 1,000 pending, in turn, p50", [percentile(control, 0.5)], "ms"),
        ]
    return figures


# --- one measurement --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bench:
    """A database, and a platform with these people and channels."""

    url: str
    platform: Platform
    people: Mapping[str, str]
    channels: tuple[str, ...]

    async def measured(self, how: type[Delivery], is_busy: bool, to: Sequence[str]) -> list[float]:
        """Milliseconds of each whisper, to one person after the other, all on the phone."""
        async with AsyncExitStack() as closing:
            database = Database(self.url, _clock)
            closing.push_async_callback(database.close)
            await _emptied(database)
            delivery = how(database, {self.platform.name: self.platform}, Translator(), _clock, Metrics())
            hurrying = nullcontext if how is InTurn else delivery.hurrying
            desk = Dispatch(database, COMMANDS, Translator(), _clock, Metrics(), "en", "UTC", hurrying=hurrying)
            await self._team(database)
            for name in names()[1:]:
                about = {"customer": f"Customer of {name}", "text": "A parcel", "queue": self.channels[0].lower()}
                await self._does(desk, name, "phone_start", **about)
            async with database.snapshot() as tx:
                if len(await tx.phone.live()) != PEOPLE:
                    raise RuntimeError("not everybody is on the phone")
            if is_busy:
                await self._backlog(database)
            database.wake = delivery.wake
            for running in (delivery.run(), _refilling(database)):
                closing.push_async_callback(_ended, asyncio.create_task(running))
            await asyncio.sleep(1.0)
            taken = []
            for number, name in enumerate(to):
                await asyncio.sleep(0.05)
                taken.append(await self._whisper(desk, name))
                if number % PEOPLE == PEOPLE - 1:
                    await _later(database)
            return taken

    async def _whisper(self, desk: Dispatch, name: str) -> float:
        heard = self.platform.heard
        while not heard.empty():
            heard.get_nowait()
        begun = perf_counter()
        await self._does(desk, "emma", "whisper", person=self.people[name], text="Offer them a new one, free of charge")
        try:
            async with asyncio.timeout(PATIENCE):
                return 1000 * (await heard.get() - begun)
        except TimeoutError:
            return 1000 * PATIENCE

    async def _does(self, desk: Dispatch, name: str, verb: str, **options: str) -> None:
        await desk.call(Invocation(self.platform.name, self.people[name], verb, options=options))

    async def _team(self, database: Database) -> None:
        async with database.transaction() as tx:
            for name, user in self.people.items():
                role = Role.SUPERVISOR if name == "emma" else Role.AGENT
                await tx.agents.enrol(Handle(self.platform.name, user), name.title(), role, "en", "UTC")
            for channel in self.channels:
                await tx.queues.add(channel.lower(), "en", "UTC")
                await tx.queues.show(channel.lower(), Place(self.platform.name, channel))

    async def _backlog(self, database: Database) -> None:
        """Cards in each channel, and notices for each person."""
        held: list[Inquiry] = []
        for channel in self.channels:
            messages = [a_message(subject=f"Parcel {number}") for number in range(CARDS)]
            held += await opened(database, *messages, queue=channel.lower())
        async with database.transaction() as tx:
            team = {agent.name: agent for agent in await tx.agents.all()}
        act = an_act(team["Emma"], source=self.platform.name)
        for number, name in enumerate(names()[1:]):
            for inquiry in held[number * NOTICES : (number + 1) * NOTICES]:
                async with database.transaction() as tx:
                    await tx.inquiries.save(inquiry.assign(team[name.title()], act))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _emptied(database: Database) -> None:
    async with database._writer.begin() as connection:  # the store itself deletes nothing
        for table in reversed(metadata.sorted_tables):
            await connection.execute(table.delete())
        await connection.execute(sa.text("DELETE FROM search_index"))


async def _refilling(database: Database) -> None:
    """What was delivered is pending once more."""
    again = outbox.c.kind.in_([NoticeKind.CARD, NoticeKind.WHISPER])
    while True:
        async with database._writer.begin() as connection:
            statement = sa.update(outbox).where(again, outbox.c.state == DONE)
            await connection.execute(statement.values(state=PENDING, due_at=_clock(), message=None, posted_at=None))
        await asyncio.sleep(REFILL)


async def _later(database: Database) -> None:
    """An hour passes for all that was whispered: the next whisper is again the first for a while."""
    before = _clock() - HOUR
    is_advice = outbox.c.id.in_(sa.select(advice.c.outbox_id))
    going = sa.select(sa.func.count()).where(is_advice, outbox.c.state != DONE)
    while True:  # the last one has arrived, and what became of it is being written down
        async with database._reader.connect() as connection:
            if not (await connection.execute(going)).scalar_one():
                break
        await asyncio.sleep(0.02)
    async with database._writer.begin() as connection:
        statement = sa.update(outbox).where(is_advice, outbox.c.state == DONE)
        await connection.execute(statement.values(posted_at=before, started_at=before, due_at=before))


def _clock() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
