"""Whispers go first: they overtake what waits for the same person, also what a courier has in hand already."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta

import pytest

from bot.app import system_clock
from bot.chat.card import Card
from bot.chat.invocation import Invocation
from bot.delivery import TAKE, Delivery
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.errands import Errands
from bot.gate import Gate, sparing
from bot.notices import Notice, NoticeKind
from bot.parcels import Parcels
from bot.ports import Busy, ChatPlatform, Desk, Handle, MessageRef, NotSent, Pace, Place, Sending
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.support.meter import Counts

HANA, KEN = Place("chat", "@hana"), Place("chat", "@ken")
ADVICE, HELP = NoticeKind.ADVICE, NoticeKind.HELP
MANY = 20
PATIENCE = 60.0
"""Seconds after which what does not happen counts as never."""


class Chat:
    """A platform that keeps what it hears; all but whispers waits there until it is let through."""

    name = "chat"
    pace = Pace(per_second=1000.0, burst=50, settle=timedelta())
    trouble = ""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.told = asyncio.Event()
        self.open = asyncio.Event()
        self.failure: NotSent | None = None

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        self.heard.append(key)
        self.told.set()
        if self.failure:
            raise self.failure
        if not key.startswith(ADVICE):
            await self.open.wait()
        return MessageRef(f"@{handle}", str(len(self.heard)))

    async def until_heard(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.heard) < count:
                self.told.clear()
                await self.told.wait()

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        return await self.whisper(channel, card, key)

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        return await self.whisper(message.channel, card, key)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Nothing is drawn anew here."""

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        return None

    async def remove(self, message: MessageRef) -> None:
        """Nothing is taken away here."""

    async def run(self, desk: Desk) -> None:
        """Nobody says anything here."""


class Word(Errands):
    """Says one word, whatever a notice is about."""

    async def run(self, platform: ChatPlatform, sending: Sending, is_last_try: bool) -> MessageRef | None:
        return await platform.whisper(
            sending.place.channel.removeprefix("@"), Card("Word", summary="Word"), sending.key
        )


class Delivering(Delivery):
    def __init__(self, database: Database, chat: Chat) -> None:
        super().__init__(database, {chat.name: chat}, Translator(), system_clock, Counts())
        self._errands = Word(database, Parcels(Translator(), system_clock))


class InTurn(Delivering):
    """The control: one courier a place, who finishes what it has in hand."""

    async def _due_places(self, urgent: bool = False) -> list[Place]:
        return [] if urgent else await super()._due_places()


@pytest.fixture
def chat() -> Chat:
    return Chat()


@asynccontextmanager
async def running(database: Database, delivery: Delivery) -> AsyncIterator[None]:
    database.wake = delivery.wake
    task = asyncio.create_task(delivery.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def say(database: Database, kind: NoticeKind, *tags: int, place: Place = HANA) -> None:
    async with database.transaction() as tx:
        for tag in tags:
            await tx.outbox.say_at(place, Notice(kind, tag, 1), f"{kind}{tag}")


async def whispered_in_between(database: Database, delivery: Delivery, chat: Chat) -> None:
    """A whisper is said while the first of many others waits at the platform; in the end all are heard."""
    await say(database, HELP, *range(1, MANY + 1))
    async with running(database, delivery):
        await chat.until_heard(1)
        await say(database, ADVICE, 1)
        if not isinstance(delivery, InTurn):
            await chat.until_heard(2)
        chat.open.set()
        await chat.until_heard(MANY + 1)


def place_of_whisper(chat: Chat) -> int:
    return next(index for index, key in enumerate(chat.heard) if key.startswith(ADVICE))


async def test_a_whisper_is_the_next_while_twenty_notices_wait(database: Database, chat: Chat) -> None:
    await whispered_in_between(database, Delivering(database, chat), chat)
    assert place_of_whisper(chat) == 1
    assert len(set(chat.heard)) == MANY + 1, "each once"


async def test_in_turn_it_waits_for_all_that_is_in_hand(database: Database, chat: Chat) -> None:
    """The negative control."""
    await whispered_in_between(database, InTurn(database, chat), chat)
    assert place_of_whisper(chat) == TAKE


async def test_delivery_hurries_from_the_moment_in_which_a_whisper_is_given(database: Database, chat: Chat) -> None:
    delivery = Delivering(database, chat)
    hurried: list[str] = []

    @contextmanager
    def hurrying() -> Iterator[None]:
        hurried.append("begun")
        with delivery.hurrying():
            yield

    desk = Dispatch(database, COMMANDS, Translator(), system_clock, Counts(), "en", "UTC", hurrying=hurrying)
    async with database.transaction() as tx:
        for user, role in (("hana", Role.AGENT), ("emma", Role.SUPERVISOR)):
            await tx.agents.enrol(Handle("chat", user), user.title(), role, "en", "UTC")
    await desk.call(Invocation("chat", "emma", "queue"))
    assert hurried == []
    answer = await desk.call(
        Invocation("chat", "emma", "whisper", options={"person": "hana", "text": "A", "note": "yes"})
    )
    assert hurried == ["begun"], answer


async def test_a_place_that_rests_rests_for_whispers_too(database: Database, chat: Chat) -> None:
    delivery = Delivering(database, chat)
    chat.failure = NotSent("too fast", 3600.0)
    await say(database, HELP, 1)
    await delivery.empty()
    chat.failure = None
    await say(database, ADVICE, 2)
    await delivery.empty()
    assert [key.partition(":")[0] for key in chat.heard] == ["help1"]
    await say(database, ADVICE, 3, place=KEN)
    await delivery.empty()
    assert [key.partition(":")[0] for key in chat.heard] == ["help1", "advice3"]


async def test_while_the_platform_is_busy_with_others_a_whisper_may_go(database: Database, chat: Chat) -> None:
    delivery = Delivering(database, chat)
    chat.failure = Busy("others use it up", 3600.0)
    await say(database, HELP, 1)
    await delivery.empty()
    chat.failure = None
    await say(database, HELP, 2)
    await say(database, ADVICE, 3)
    async with running(database, delivery):
        await chat.until_heard(2)
    assert [key.partition(":")[0] for key in chat.heard] == ["help1", "advice3"]


# --- the gate ---------------------------------------------------------------------------------------------

SLOW = Pace(per_second=0.001, burst=3, settle=timedelta())
"""A post every quarter of an hour, once the burst is used up."""


async def passed(gate: Gate) -> tuple[list[str], list[str]]:
    """Who gets through when three others and then a whisper come, and who waits."""
    through: list[str] = []

    async def go(name: str, urgent: bool = False) -> None:
        await gate.turn(urgent)
        through.append(name)

    async def others() -> None:
        for name in ("1", "2", "3"):
            await go(name)

    tasks = [asyncio.create_task(others())]
    await asyncio.sleep(0.01)
    tasks.append(asyncio.create_task(go("whisper", urgent=True)))
    await asyncio.sleep(0.01)
    waits = [one for one in ("1", "2", "3", "whisper") if one not in through]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return through, waits


async def test_a_post_of_each_burst_is_kept_for_a_whisper() -> None:
    assert await passed(Gate(SLOW, reserve=1)) == (["1", "2", "whisper"], ["3"])


async def test_without_a_reserve_a_whisper_waits() -> None:
    """The negative control."""
    assert await passed(Gate(SLOW)) == (["1", "2", "3"], ["whisper"])


async def test_whoever_is_spared_is_posted_to_singly_and_whispered_to_at_once() -> None:
    assert await passed(sparing(SLOW)) == (["1", "whisper"], ["2", "3"])


async def test_a_platform_without_bursts_still_lets_all_through() -> None:
    gate = Gate(Pace(per_second=1000.0, burst=1, settle=timedelta()), reserve=1)
    async with asyncio.timeout(PATIENCE):
        for _ in range(5):
            await gate.turn()
