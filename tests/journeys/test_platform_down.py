"""The platform is in trouble: everything is delivered in the end, in order, once, and nobody pushes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.app import system_clock
from bot.chat.card import Card
from bot.domain.events import Act
from bot.domain.inquiry import Inquiry
from bot.ports import Handle, MessageRef, NotSent, Pace, Parked, Place, Store, Transaction, Unclear
from storage.database import Database
from tests.builders import a_message, a_queue, an_agent, opened
from tests.fakes.chat import FakeChat, Faults
from tests.fakes.chat_platform import QUICK, FakeChatPlatform
from tests.journeys.outage import Office

SLOW = Faults(slow=1.0, slow_for=0.3)
TIMEOUT = 0.15
PATIENT = Pace(per_second=2000, burst=100, settle=timedelta(seconds=0.6))
"""Settles longer than a slow request can be under way."""


class ChatOffice(Office):
    """An office that delivers to the fake chat."""

    def __init__(self, database: Database, chat: FakeChat, closing: AsyncExitStack) -> None:
        super().__init__(database, closing, system_clock)
        self.chat = chat

    async def deliver(
        self,
        kind: type[FakeChatPlatform] = FakeChatPlatform,
        pace: Pace = QUICK,
        timeout: float = 30.0,
        store: Store | None = None,
    ) -> FakeChatPlatform:
        """Begin to deliver, by a client of our own."""
        platform = kind(self.chat.port, pace=pace, timeout=timeout)
        self.closing.push_async_callback(platform.close)
        self.deliver_to(platform, store=store)
        return platform


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[ChatOffice]:
    async with AsyncExitStack() as closing:
        database = Database(database_url, system_clock)
        closing.push_async_callback(database.close)
        chat = FakeChat()
        await chat.open()
        closing.push_async_callback(chat.close)
        yield ChatOffice(database, chat, closing)


@pytest.fixture
async def inquiry(office: ChatOffice) -> Inquiry:
    """One inquiry, whose card stands in the channel "support" already, while nobody delivers."""
    await a_queue(office.database, "support", Place("fake", "support"))
    (one,) = await opened(office.database)
    await office.deliver()
    await office.all_is_delivered()
    await office.stop()
    return one


async def test_after_an_outage_all_stands_there_once_and_each_letter_under_its_card(office: ChatOffice) -> None:
    await office.busy_queues("fake", count=10, each=10)
    chat, answers = office.chat, office.chat.answers

    def answered(status: str) -> int:
        return sum(1 for _, _, one in answers if one == status)

    await chat.close()
    platform = await office.deliver(pace=PATIENT, timeout=TIMEOUT)
    await office.until(lambda: platform.errors.count("not connected") > 20)
    chat.set_faults(Faults(broken=1.0))
    await chat.open()
    await office.until(lambda: answered("503") > 20)
    chat.set_faults(Faults(limited=1.0, retry_after=0.25))
    await office.until(lambda: answered("429") > 20)
    chat.set_faults(SLOW)
    await office.until(lambda: platform.errors.count("TimeoutError") > 10)
    chat.set_faults(Faults(lost=0.1))
    await office.all_is_delivered()

    assert chat.impatient == 0
    assert len(chat.messages) == 200
    for channel in {one.channel for one in chat.messages}:
        cards = chat.standing(channel)
        assert len({card.card["title"] for card in cards}) == 10
        assert [len(chat.thread(card)) for card in cards] == [1] * 10


class Impatient(FakeChatPlatform):
    """Overhears how long the platform asks us to wait."""

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        try:
            return await super().post(channel, card, key)
        except NotSent as error:
            raise NotSent(str(error)) from error


async def test_who_overhears_retry_after_is_noticed(office: ChatOffice) -> None:
    await office.busy_queues("fake", count=1, each=5)
    office.chat.set_faults(Faults(limited=1.0, retry_after=60.0))
    await office.deliver(Impatient)
    await office.until(lambda: office.chat.impatient > 0)


async def test_a_channel_that_hangs_delays_no_other(office: ChatOffice) -> None:
    await office.busy_queues("fake", count=3, each=4)
    office.chat.set_faults(Faults(stuck=["queue1"]))
    await office.deliver()
    await office.until(lambda: len(office.chat.messages) == 16)
    assert {one.channel for one in office.chat.messages} == {"queue0", "queue2"}
    assert not [one for one in office.chat.answers if one[1] == "queue1"]
    office.chat.release()
    await office.all_is_delivered()
    assert len(office.chat.messages) == 24


async def test_a_channel_that_is_limited_delays_no_other(office: ChatOffice) -> None:
    await office.busy_queues("fake", count=2, each=4)
    office.chat.set_faults(Faults(limited=1.0, retry_after=60.0))
    await office.deliver()
    await office.until(lambda: len(office.chat.answers) == 2)
    await a_queue(office.database, "other", Place("fake", "other"))
    office.chat.set_faults(Faults())
    (inquiry,) = await opened(office.database, queue="other")
    await office.until(lambda: bool(office.chat.messages))
    assert [one.card["title"].split()[0] for one in office.chat.messages] == [f"#{inquiry.number}"]
    assert office.chat.impatient == 0


async def test_a_deleted_card_is_posted_anew(office: ChatOffice, inquiry: Inquiry) -> None:
    office.chat.delete(office.chat.messages[0])
    hana = await an_agent(office.database, platform="fake")
    inquiry = await office.save(inquiry.claim(Act(system_clock(), "fake", hana)))
    await office.write_again(inquiry)
    await office.deliver()
    await office.all_is_delivered()
    (card,) = office.chat.standing("support")
    assert [letter.card["quote"] for letter in office.chat.thread(card)] == ["more"]
    assert (await office.backlog()).refused == 0


class Clumsy(FakeChatPlatform):
    """Somebody deletes the card just before the first letter to it."""

    chat: FakeChat

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        roots = self.chat.standing("support")
        if len(self.chat.messages) == 1:
            self.chat.delete(roots[0])
        return await super().reply(message, card, key)


async def test_a_letter_to_a_card_just_deleted_waits_for_the_new_card(office: ChatOffice, inquiry: Inquiry) -> None:
    Clumsy.chat = office.chat
    await office.write_again(inquiry)
    await office.deliver(Clumsy)
    await office.all_is_delivered()
    (card,) = office.chat.standing("support")
    assert [letter.card["quote"] for letter in office.chat.thread(card)] == ["more"]
    assert (await office.backlog()).refused == 0


async def test_a_refused_channel_is_parked_and_shown_and_delivered_once_it_is_mended(office: ChatOffice) -> None:
    await a_queue(office.database, "support", Place("fake", "support"))
    (inquiry,) = await opened(office.database)
    await office.write_again(inquiry)
    office.chat.set_faults(Faults(refused=["support"]))
    await office.deliver()
    await office.all_is_delivered()
    async with office.database.snapshot() as tx:
        parked = await tx.outbox.parked(9)
    here = Place("fake", "support")
    assert Parked(inquiry.number, here, "channel_is_archived") in parked
    assert {(one.number, one.place) for one in parked} == {(inquiry.number, here)}
    office.chat.set_faults(Faults())
    async with office.database.transaction() as tx:
        assert await tx.outbox.retry_refused(here) == 2
    await office.all_is_delivered()
    (card,) = office.chat.standing("support")
    assert len(office.chat.thread(card)) == 1
    assert (await office.backlog()).refused == 0


class Buggy(FakeChatPlatform):
    """An adapter that fails over the answer to its first post."""

    failed = 0

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        sent = await super().post(channel, card, key)
        if not self.failed:
            self.failed += 1
            raise KeyError("ts")
        return sent


async def test_what_an_error_of_ours_may_have_sent_is_looked_for(office: ChatOffice) -> None:
    await a_queue(office.database, "support", Place("fake", "support"))
    await opened(office.database)
    platform = await office.deliver(Buggy)
    await office.all_is_delivered()
    assert isinstance(platform, Buggy)
    assert (platform.failed, len(office.chat.messages)) == (1, 1)


async def test_who_stops_gives_back_at_once_what_was_not_begun(office: ChatOffice) -> None:
    await a_queue(office.database, "support", Place("fake", "support"))
    await opened(office.database, *[a_message() for _ in range(8)])
    await office.deliver(pace=Pace(per_second=1, burst=1, settle=timedelta()))
    await office.until(lambda: len(office.chat.messages) == 1)
    await office.stop()
    assert "sending" not in await office.states()
    await office.deliver()
    await office.all_is_delivered()
    assert len(office.chat.messages) == 8


async def test_a_whisper_reaches_its_person_while_the_channel_is_refused(office: ChatOffice, inquiry: Inquiry) -> None:
    hana = await an_agent(office.database, platform="fake")
    inquiry = await office.save(inquiry.claim(Act(system_clock(), "fake", hana)))
    async with office.database.snapshot() as tx:
        assert await tx.agents.by_handle(Handle("fake", "hana")) == hana
    office.chat.set_faults(Faults(refused=["support"]))
    await office.write_again(inquiry)
    await office.deliver()
    await office.all_is_delivered()
    assert len(office.chat.standing("@hana")) == 1


class Remembering(FakeChatPlatform):
    """A platform whose history shows what was deleted, too."""

    chat: FakeChat

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        found = [one for one in self.chat.messages if one.key == key]
        return MessageRef(channel, str(found[0].id)) if found else None

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        try:
            return await super().post(channel, card, key)
        except Unclear:
            self.chat.delete(self.chat.messages[0])
            self.chat.set_faults(Faults())
            raise


async def test_a_first_card_deleted_before_we_knew_of_it_is_posted_anew_under_another_key(office: ChatOffice) -> None:
    Remembering.chat = office.chat
    await a_queue(office.database, "support", Place("fake", "support"))
    await opened(office.database)
    office.chat.set_faults(Faults(lost=1.0))
    await office.deliver(Remembering)
    await office.all_is_delivered()
    lost, card = office.chat.messages
    assert (lost.deleted, card.deleted) == (True, False)
    assert lost.key != card.key


class ShakyStore:
    """A store that fails once in a way that nobody thought of, in a transaction and in a snapshot."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failures = {"transaction", "snapshot"}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._store.transaction() as tx:
            self._fail("transaction")
            yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        async with self._store.snapshot() as tx:
            self._fail("snapshot")
            yield tx

    def _fail(self, kind: str) -> None:
        if kind in self.failures:
            self.failures.remove(kind)
            raise RuntimeError("a bug")


async def test_delivery_goes_on_after_an_error_that_nobody_thought_of(office: ChatOffice) -> None:
    await a_queue(office.database, "support", Place("fake", "support"))
    await opened(office.database)
    store = ShakyStore(office.database)
    await office.deliver(store=store)
    await office.all_is_delivered()
    assert (store.failures, len(office.chat.messages)) == (set(), 1)
