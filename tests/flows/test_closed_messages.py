"""Closed direct messages: the thread of the inquiry says once that there is news for somebody, and nothing of what."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from bot.app import system_clock
from bot.chat.invocation import Invocation
from bot.delivery import BACK_OFF, Delivery
from bot.dispatch import Dispatch
from bot.domain.agent import Agent, Role
from bot.domain.inquiry import Inquiry
from bot.errands import Errands
from bot.parcels import Parcel
from bot.ports import ChatPlatform, Closed, MessageRef, Parked, Place, Sending
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_queue, an_agent, opened
from tests.fakes.chat import CLOSED, FakeChat, Faults, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says

HERE, ELSEWHERE = Place("discord", "support"), Place("slack", "support")
HANA_CLOSED = ["@hana"]


@dataclass
class Office:
    """A store and two platforms; Hana and Ken are agents on Discord, and it delivers when it is asked to."""

    database: Database
    chats: dict[str, FakeChat] = field(default_factory=dict)
    platforms: dict[str, FakeChatPlatform] = field(default_factory=dict)

    async def delivers(self, faults: Faults, by: type[Delivery] = OneByOne) -> None:
        """Send all that is due at this moment."""
        self.chats["discord"].set_faults(faults)
        await by(self.database, self.platforms, Translator(), system_clock, Counts(), rests=(0.01,)).empty()

    async def delivers_all(self, faults: Faults, by: type[Delivery] = OneByOne) -> None:
        """Go on until everything is sent or refused."""
        while True:
            await self.delivers(faults, by)
            async with self.database.snapshot() as tx:
                backlog = await tx.outbox.backlog()
            if not backlog.pending + backlog.ambiguous:
                return
            await asyncio.sleep(0.01)

    async def asks(self, user: str, verb: str, **options: str) -> None:
        desk = Dispatch(self.database, COMMANDS, Translator(), system_clock, Counts(), "en", "UTC")
        await desk.call(Invocation("discord", user, verb, options=options))

    async def assigned(self, inquiry: Inquiry) -> None:
        """Ken hands it to Hana, who has to be told."""
        await self.asks("ken", "assign", inquiry=str(inquiry.number), person="Hana")

    async def whisper_alone_is_due(self, inquiry: Inquiry) -> None:
        """Hana has to be told, and all else is sent."""
        await self.assigned(inquiry)
        await self.delivers_all(Faults(refused=["@hana"]))
        async with self.database.transaction() as tx:
            assert await tx.outbox.retry_refused() == 1

    def words(self, platform: str = "discord", channel: str = "support") -> list[Posted]:
        """What stands in the thread under the card there."""
        (card,) = self.chats[platform].standing(channel)
        return self.chats[platform].thread(card)

    async def refused(self) -> list[Parked]:
        async with self.database.snapshot() as tx:
            return await tx.outbox.parked(100)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with AsyncExitStack() as closing:
        database = Database(database_url, system_clock)
        closing.push_async_callback(database.close)
        for name in ("Hana", "Ken"):
            await an_agent(database, name, Role.AGENT, "discord")
        office = Office(database)
        for name in ("discord", "slack"):
            chat = office.chats[name] = FakeChat()
            await chat.open()
            closing.push_async_callback(chat.close)
            office.platforms[name] = FakeChatPlatform(chat.port, name)
            closing.push_async_callback(office.platforms[name].close)
        yield office


@pytest.fixture
async def inquiry(office: Office) -> Inquiry:
    """One whose card stands on both platforms."""
    await a_queue(office.database, "support", HERE, ELSEWHERE)
    (one,) = await opened(office.database)
    await office.delivers_all(Faults())
    return one


async def supervised(office: Office) -> Agent:
    return await an_agent(office.database, "Emma", Role.SUPERVISOR, "slack")


# --- the word -----------------------------------------------------------------------------------------------


async def test_the_thread_says_that_there_is_news_and_not_what(office: Office, inquiry: Inquiry) -> None:
    await office.assigned(inquiry)
    await office.delivers_all(Faults(closed=HANA_CLOSED))
    (word,) = office.words()
    assert says(word.card["title"], "en", "whisper.closed", person="Hana")
    told = str(word.card)
    assert [one for one in (inquiry.subject, inquiry.excerpt, inquiry.customer.name, "Ken") if one in told] == []
    assert (word.card["quote"], word.card["lines"], word.card["items"], word.card["buttons"]) == ("", [], [], [])
    assert office.chats["discord"].standing("@hana") == []
    assert office.words("slack") == []
    assert await office.refused() == []


async def test_whose_messages_are_open_is_told_there_alone(office: Office, inquiry: Inquiry) -> None:
    """The control of the test above."""
    await office.assigned(inquiry)
    await office.delivers_all(Faults(closed=["@ken"]))
    (whisper,) = office.chats["discord"].standing("@hana")
    assert inquiry.excerpt in str(whisper.card)
    assert office.words() == []


async def test_it_is_said_in_the_language_of_the_channel(office: Office) -> None:
    async with office.database.transaction() as tx:
        await tx.queues.add("madoguchi", "ja", "Asia/Tokyo")
        await tx.queues.show("madoguchi", HERE)
    (one,) = await opened(office.database, queue="madoguchi")
    await office.delivers_all(Faults())
    await office.assigned(one)
    await office.delivers_all(Faults(closed=HANA_CLOSED))
    (word,) = office.words()
    assert says(word.card["title"], "ja", "whisper.closed", person="Hana")


async def test_where_two_channels_show_the_card_one_thread_has_the_word(office: Office, inquiry: Inquiry) -> None:
    async with office.database.transaction() as tx:
        await tx.queues.show("support", Place("discord", "leads"))
    await office.delivers_all(Faults())
    await office.assigned(inquiry)
    await office.delivers_all(Faults(closed=HANA_CLOSED))
    assert len(office.words() + office.words(channel="leads")) == 1


async def test_each_news_has_a_word_of_its_own(office: Office, inquiry: Inquiry) -> None:
    for _ in range(2):
        await office.assigned(inquiry)
        await office.delivers_all(Faults(closed=HANA_CLOSED))
        await office.asks("hana", "release", inquiry=str(inquiry.number))
    assert len(office.words()) == 2


# --- where there is no card ---------------------------------------------------------------------------------


async def test_where_no_card_goes_it_is_refused_and_the_supervisors_are_told(office: Office) -> None:
    await supervised(office)
    await a_queue(office.database, "support", ELSEWHERE)
    (one,) = await opened(office.database)
    await office.delivers_all(Faults())
    await office.assigned(one)
    await office.delivers_all(Faults(closed=HANA_CLOSED))
    assert [each.place for each in await office.refused()] == [Place("discord", "@hana")]
    (alarm,) = office.chats["slack"].standing("@emma")
    assert says(alarm.card["title"], "en", "alarm.title", place="discord:@hana")
    assert office.words("slack") == [], "another platform is not the place"


async def test_the_word_waits_for_a_card_that_is_on_its_way(office: Office) -> None:
    await a_queue(office.database, "support", HERE)
    (one,) = await opened(office.database)
    await office.assigned(one)
    async with office.database.snapshot() as tx:
        assert {place.channel for place in await tx.outbox.due()} == {"support", "@hana"}
    await office.delivers_all(Faults(closed=HANA_CLOSED))
    assert len(office.words()) == 1
    assert await office.refused() == []


async def test_it_does_not_wait_for_ever(office: Office) -> None:
    await supervised(office)
    await a_queue(office.database, "support", HERE)
    (one,) = await opened(office.database)
    await office.assigned(one)
    await office.delivers_all(Faults(closed=HANA_CLOSED, refused=["support"]))
    assert {each.place.channel for each in await office.refused()} == {"support", "@hana"}
    asked = [channel for _, channel, _ in office.chats["discord"].answers if channel == "@hana"]
    assert len(asked) == len(BACK_OFF) + 1


async def test_the_word_stands_under_the_new_card_where_the_old_one_was_deleted(
    office: Office, inquiry: Inquiry
) -> None:
    (card,) = office.chats["discord"].standing("support")
    await office.whisper_alone_is_due(inquiry)
    office.chats["discord"].delete(card)
    await office.delivers_all(Faults(closed=HANA_CLOSED))
    assert len(office.words()) == 1
    assert len(office.chats["discord"].standing("support")) == 1
    assert await office.refused() == []


async def test_a_thread_that_takes_nothing_either_is_refused_and_told(office: Office, inquiry: Inquiry) -> None:
    await supervised(office)
    await office.assigned(inquiry)
    await office.delivers_all(Faults(closed=HANA_CLOSED, refused=["support"]))
    assert Place("discord", "@hana") in [each.place for each in await office.refused()]
    told = [one.card["title"] for one in office.chats["slack"].standing("@emma")]
    assert any(says(one, "en", "alarm.title", place="discord:@hana") for one in told)


# --- alarms -------------------------------------------------------------------------------------------------


async def test_a_supervisor_whose_messages_are_closed_reads_where_nothing_gets_through(
    office: Office, inquiry: Inquiry
) -> None:
    """In the thread of the inquiry whose card was refused elsewhere: /retry is typed there, too."""
    await an_agent(office.database, "Mia", Role.SUPERVISOR, "discord")
    async with office.database.transaction() as tx:
        await tx.queues.show("support", Place("discord", "leads"))
    await office.delivers_all(Faults(closed=["@mia"], refused=["leads"]))
    (word,) = office.words()
    assert says(word.card["title"], "en", "alarm.closed", person="Mia", place="discord:leads")
    assert [each.place.channel for each in await office.refused()] == ["leads"]


# --- an answer that is lost ---------------------------------------------------------------------------------


class WithoutLooking(Errands):
    """Does everything without looking what an earlier try left."""

    async def _looked_for(
        self, platform: ChatPlatform, sending: Sending, since: datetime, key: str, parcel: Parcel
    ) -> MessageRef | None:
        return None


class Forgetful(OneByOne):
    """The negative control: says the word again without looking whether it stands there."""

    def __init__(self, *desk: Any, **more: Any) -> None:
        super().__init__(*desk, **more)
        self._errands = WithoutLooking(self._store, self._parcels)


@pytest.mark.parametrize(
    ("by", "keyed", "said"),
    [(OneByOne, False, 1), (OneByOne, True, 1), (Forgetful, True, 1), (Forgetful, False, 2)],
    ids=["looked for", "looked for, and keyed", "keyed", "neither: the control"],
)
async def test_a_word_whose_answer_was_lost_is_not_said_twice(
    office: Office, inquiry: Inquiry, by: type[Delivery], keyed: bool, said: int
) -> None:
    """The platform's key helps for minutes, looking helps for good."""
    await office.whisper_alone_is_due(inquiry)
    await office.delivers(Faults(closed=HANA_CLOSED, keyed=keyed, lost=1.0), by)
    assert ("post", "support", "lost") in office.chats["discord"].answers
    assert len(office.words()) == 1 or said > 1, "the control may have tried again already"
    await office.delivers_all(Faults(closed=HANA_CLOSED, keyed=keyed), by)
    assert len(office.words()) == 1 if said == 1 else len(office.words()) > 1
    assert await office.refused() == []


class Unreadable(FakeChatPlatform):
    """A platform on which closed messages cannot be looked through either."""

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        if channel.startswith("@"):
            raise Closed(CLOSED)
        return await super().find(channel, key, since, under)


async def test_it_is_looked_for_where_closed_messages_cannot_be_read(office: Office, inquiry: Inquiry) -> None:
    unreadable = Unreadable(office.chats["discord"].port, "discord")
    office.platforms["discord"] = unreadable
    await office.whisper_alone_is_due(inquiry)
    await office.delivers(Faults(closed=HANA_CLOSED, lost=1.0))
    await office.delivers_all(Faults(closed=HANA_CLOSED))
    await unreadable.close()
    assert len(office.words()) == 1
    assert await office.refused() == []
