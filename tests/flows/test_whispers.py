"""Whispers from a supervisor's words to an agent's press: the order of receipts, the pace, the end of the call."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from bot.chat.card import Card
from bot.chat.invocation import Invocation, pressed
from bot.delivery import Delivery
from bot.dispatch import Dispatch
from bot.domain.advice import Advice, AdviceState
from bot.domain.agent import Role
from bot.domain.errors import Conflict
from bot.ports import MessageRef, Store, Transaction
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from storage.tables import outbox
from tests.builders import a_queue, an_agent
from tests.fakes.chat import FakeChat, Faults, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says
from tests.support.virtual_time import VirtualTime

WORDS = "The refund can be made today"


class Interrupted(FakeChatPlatform):
    """Somebody does something while a message is on its way to them: after it left us, and before it is there."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        happens, self.meanwhile = self.meanwhile, None
        if happens and handle == "hana":
            await happens()
        elif happens:
            self.meanwhile = happens
        return await super().whisper(handle, card, key)


class Contested:
    """A store in which so many transactions lose a race to another process, at their end."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lost = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._store.transaction() as tx:
            yield tx
            if self.lost:
                self.lost -= 1
                raise Conflict("deadlock detected")

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self._store.snapshot()


@dataclass
class Office:
    """Hana is an agent; Emma and Boss are supervisors. All of them are on one platform."""

    time: VirtualTime
    database: Database
    chat: FakeChat
    platform: Interrupted

    async def restarts(self) -> None:
        """Another process takes over: nothing is known but what was written down."""
        await self.database.close()
        self.database = self.time.database()

    async def asks(self, user: str, verb: str, line: str = "", **options: str) -> None:
        """By a dispatch of its own, as each process has."""
        desk = Dispatch(self.database, COMMANDS, Translator(), self.time, Counts(), "en", "UTC")
        answer = await desk.call(Invocation("slack", user, verb, text=line, options=options))
        assert isinstance(answer, Card)

    async def calls(self) -> None:
        await self.asks("hana", "phone_start", "+819012345678 late parcel")
        await self.delivers()

    async def delivers(self, faults: Faults | None = None) -> None:
        """Send all that is due at this moment."""
        self.chat.set_faults(faults or Faults())
        by: type[Delivery] = OneByOne
        await by(self.database, {"slack": self.platform}, Translator(), self.time, Counts(), rests=(0.01,)).empty()

    async def whispers(self, text: str = WORDS, user: str = "emma") -> None:
        await self.asks(user, "whisper", person="Hana", text=text)

    def whispered(self) -> list[Posted]:
        """The advice that stands in Hana's direct messages."""
        return [one for one in self.chat.standing("@hana") if one.key.startswith("advice")]

    def receipts(self, user: str = "emma") -> Posted:
        """What Emma sees of what became of hers."""
        [one] = [each for each in self.chat.standing(f"@{user}") if each.key.startswith("receipts")]
        return one

    def states(self, user: str = "emma") -> list[str]:
        """What became of each piece, the newest first, as its sender reads it."""
        return ["".join(_told(part) for part in row["detail"]) for row in self.receipts(user).card["items"]]

    async def kept(self) -> list[Advice]:
        async with self.database.snapshot() as tx:
            found = [await tx.advice.get(n) for n in range(1, 30)]
        return [one for one in found if one]

    async def seconds(self, count: int) -> None:
        """Let so much time pass, and deliver at each second."""
        for _ in range(count):
            self.time.forward(timedelta(seconds=1))
            await self.delivers()


def _told(part: object) -> str:
    return part if isinstance(part, str) else ""


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    time = VirtualTime(database_url)
    async with AsyncExitStack() as closing:
        closing.callback(time.close)
        database = time.database()
        await a_queue(database, "support")
        for name, role in (("Hana", Role.AGENT), ("Emma", Role.SUPERVISOR), ("Boss", Role.SUPERVISOR)):
            await an_agent(database, name, role, "slack")
        chat = FakeChat()
        await chat.open()
        closing.push_async_callback(chat.close)
        platform = Interrupted(chat.port, "slack")
        closing.push_async_callback(platform.close)
        office = Office(time, database, chat, platform)
        await office.calls()
        yield office
        await office.database.close()


def tokens(message: Posted) -> list[str]:
    """What can be pressed under advice."""
    calls = [pressed(button["call"]) for button in message.card["buttons"]]
    return [options["token"] for verb, options, _ in calls if verb == "advice"]


# --- on its way ---------------------------------------------------------------------------------------------


async def test_the_words_come_first_and_their_sender_sees_that_they_came(office: Office) -> None:
    await office.whispers()
    await office.delivers()
    [message] = office.whispered()
    assert (message.card["title"], message.card["summary"]) == (WORDS, WORDS)
    assert tokens(message) == ["seen", "used", "helped", "not_now"]
    assert [pressed(one["call"])[0] for one in message.card["buttons"]][-1] == "help_me"
    assert says(office.states()[0], "en", "receipts.delivered", at="")


async def test_what_is_said_within_ten_seconds_comes_together(office: Office) -> None:
    await office.whispers("one")
    await office.delivers()
    for text, user in (("two", "emma"), ("three", "boss"), ("four", "emma"), ("five", "boss")):
        await office.seconds(1)
        await office.whispers(text, user)
    await office.seconds(5)
    assert len(office.whispered()) == 1
    await office.seconds(1)
    _, together = office.whispered()
    assert ["".join(map(_told, row["text"])) for row in together.card["items"]] == ["two", "three", "four"]
    assert together.card["summary"] == "two · three · four"
    assert all(len(row["buttons"]) == 4 for row in together.card["items"])
    await office.seconds(9)
    assert len(office.whispered()) == 2
    await office.seconds(1)
    assert office.whispered()[2].card["title"] == "five"


async def test_closed_direct_messages_are_told_to_the_sender_and_to_nobody_else(office: Office) -> None:
    await office.whispers()
    await office.delivers(Faults(closed=["@hana"]))
    assert office.whispered() == []
    assert says(office.states()[0], "en", "receipts.refused")
    assert [one for one in office.chat.messages if one.parent is not None] == []
    alarms = [one.channel for one in office.chat.messages if one.key.startswith("alarm")]
    assert sorted(alarms) == ["@boss", "@emma"]
    assert [one.state for one in await office.kept()] == [AdviceState.QUEUED]


@pytest.mark.parametrize("faults", [Faults(), Faults(closed=["@hana"])])
async def test_a_race_that_is_lost_as_a_message_is_settled_is_run_again_at_once(office: Office, faults: Faults) -> None:
    """Else it would lie there until its lease is over, and all that was taken with it."""
    store = Contested(office.database)

    async def races() -> None:
        store.lost = 2

    await office.whispers()
    office.platform.meanwhile = races
    office.chat.set_faults(faults)
    await OneByOne(store, {"slack": office.platform}, Translator(), office.time, Counts(), rests=(0.01,)).empty()
    async with office.database.snapshot() as tx:
        under_way = await tx.session.run(sa.select(outbox.c.key).where(outbox.c.state == "sending"))
        assert (store.lost, under_way.scalars().all()) == (0, [])


# --- receipts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
async def test_presses_out_of_order_twice_and_after_a_restart_come_to_the_same(office: Office, seed: int) -> None:
    random = Random(seed)
    await office.whispers()
    await office.delivers()
    chosen = random.sample(("seen", "not_now", "used", "helped"), random.randint(1, 4))
    presses = [*chosen, *random.sample(chosen, random.randint(0, len(chosen)))]
    for token in presses:
        if random.random() < 0.5:
            await office.restarts()
        await office.asks("hana", "advice", advice="1", token=token)
        if random.random() < 0.5:
            await office.delivers()
    await office.delivers()
    strongest = max(chosen, key=("seen", "not_now", "used", "helped").index)
    assert [one.state for one in await office.kept()] == [AdviceState(strongest)]
    assert says(office.states()[0], "en", f"receipts.{strongest}", at="")
    [message] = office.whispered()
    shown = {"seen": ["used", "helped", "not_now"], "not_now": ["used", "helped"], "used": ["helped"], "helped": []}
    assert tokens(message) == shown[strongest]
    assert says(message.card["badge"], "en", f"choice.{strongest}")


async def test_a_press_that_comes_before_we_know_that_it_was_delivered(office: Office) -> None:
    """The platform shows it, its answer is lost, and its reader is quicker than we are."""
    await office.whispers()
    await office.delivers(Faults(lost=1.0))
    await office.asks("hana", "advice", advice="1", token="used")
    for _ in range(5):
        office.time.forward(timedelta(seconds=30))
        await office.delivers()
    [one] = await office.kept()
    assert one.state is AdviceState.USED
    assert len(office.whispered()) == 1
    assert says(office.states()[0], "en", "receipts.used", at="")


# --- the end of the call ------------------------------------------------------------------------------------


async def test_what_is_queued_as_the_call_ends_is_never_posted(office: Office) -> None:
    await office.whispers("one")
    await office.delivers()
    await office.whispers("two")
    await office.seconds(1)
    await office.asks("hana", "phone_end")
    await office.seconds(15)
    assert [one.card["title"] for one in office.whispered()] == ["one"]
    assert says(office.states()[0], "en", "receipts.withdrawn", at="")


async def test_what_could_not_be_sent_before_the_end_is_never_posted(office: Office) -> None:
    await office.whispers()
    await office.delivers(Faults(broken=1.0))
    await office.asks("hana", "phone_end")
    for _ in range(5):
        office.time.forward(timedelta(minutes=5))
        await office.restarts()
        await office.delivers()
    assert office.whispered() == []
    assert [one.state for one in await office.kept()] == [AdviceState.WITHDRAWN]


async def test_what_is_being_sent_as_the_call_ends_is_shown_as_withdrawn(office: Office) -> None:
    async def hangs_up() -> None:
        await office.asks("hana", "phone_end")

    await office.whispers()
    office.platform.meanwhile = hangs_up
    await office.delivers()
    [message] = office.whispered()
    assert says(message.card["title"], "en", "advice.over")
    assert WORDS not in str(message.card)
    assert tokens(message) == []
    assert says(office.states()[0], "en", "receipts.withdrawn", at="")


async def test_what_was_sent_without_our_knowing_is_shown_as_withdrawn(office: Office) -> None:
    await office.whispers()
    await office.delivers(Faults(lost=1.0))
    await office.asks("hana", "phone_end")
    for _ in range(5):
        office.time.forward(timedelta(seconds=30))
        await office.delivers()
    [message] = office.whispered()
    assert says(message.card["title"], "en", "advice.over")
    assert [one.state for one in await office.kept()] == [AdviceState.WITHDRAWN]


async def test_what_was_delivered_stays_and_can_be_answered_after_the_call(office: Office) -> None:
    """The control of those above."""
    await office.whispers()
    await office.delivers()
    await office.asks("hana", "phone_end")
    await office.delivers()
    await office.asks("hana", "advice", advice="1", token="helped")
    await office.delivers()
    [message] = office.whispered()
    assert message.card["title"] == WORDS
    assert says(office.states()[0], "en", "receipts.helped", at="")
