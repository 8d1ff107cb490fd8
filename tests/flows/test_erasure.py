"""Erasing a person: sixty facts go from the database, byte by byte, and from chat; nothing comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import system_clock
from bot.chat.card import Card
from bot.domain.agent import Role
from bot.domain.customer import Identity, IdentityKind
from bot.domain.errors import Conflict
from bot.domain.message import RawMail
from bot.erasure import Erasing
from bot.ports import Filter, MessageRef, Outcome, Place, StoreDown
from bot.translator import Translator
from storage.database import Database
from storage.scrubbing import scrub
from storage.tables import customer, mail_content, outbox
from storage.tables import inquiry as inquiries
from tests.builders import a_queue, an_act, an_agent
from tests.fakes.chat import FakeChat, Faults
from tests.fakes.chat_platform import FakeChatPlatform
from tests.fakes.fail_points import FailingPlatform, FailingStore, FailPoints, Fault
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.traces import ADDRESS, FACTS, PHONE, SECOND, Planting, found_in, kept_by, mail

HERE = Place("slack", "support")
LEASE = timedelta(seconds=0.15)
"""What a desk that failed has begun is taken over soon."""
OTHER = ("Aki Ito", "ito@example.com")
VASE = "vase-1@example.com"
IN_CHAT = {"name", "address", "subject utf-8", "body cp932", "reply", "reply file", "answer", "resolution note"} | {
    *("answered how", "follow-up note", "other's thread"),
    *("escalation content", "escalation tried", "escalation answer", "escalation feedback"),
}
"""Facts that people see in chat before the erasure, among others."""


@dataclass
class Office:
    """A store with a person in it of whom sixty facts are known, and a chat in which their cards stand."""

    database: Database
    chat: FakeChat
    platform: FakeChatPlatform
    planting: Planting
    person: int = 0
    copied: bytes = b""

    @property
    def erasing(self) -> Erasing:
        return Erasing(self.database, "JP")

    async def delivers(self, store: Any = None, platform: Any = None) -> None:
        """Send all that is due, until nothing is."""
        platforms = {"slack": platform or self.platform}
        while True:
            desk = (store or self.database, platforms, Translator(), system_clock, Counts())
            delivery = OneByOne(*desk, lease=LEASE, rests=(0.01,))
            await delivery.empty()
            async with self.database.snapshot() as tx:
                backlog = await tx.outbox.backlog()
            if not backlog.pending + backlog.ambiguous:
                return
            await asyncio.sleep(0.01)

    async def traces(self) -> set[str]:
        """Facts that the database keeps, but for a mail of somebody else that was copied to the person."""
        return found_in(blob.replace(self.copied, b"") for blob in await kept_by(self.database))

    def seen(self) -> set[str]:
        """Facts that stand in chat."""
        return found_in(json.dumps(one.card, ensure_ascii=False).encode() for one in self.chat.messages if one.card)

    async def forgets_where(self, *kinds: str) -> None:
        """As it is with what was sent before anybody remembered where it went."""
        await self.writes(sa.update(outbox).where(outbox.c.kind.in_(kinds)).values(message=None, posted_in=""))

    async def writes(self, statement: Any) -> None:
        async with self.database._writer.connect() as connection, connection.begin():
            await connection.execute(statement)

    async def reads(self, statement: Any) -> list[Any]:
        async with self.database._reader.connect() as connection:
            return list((await connection.execute(statement)).all())


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with AsyncExitStack() as closing:
        database = Database(database_url, system_clock)
        closing.push_async_callback(database.close)
        chat = FakeChat(Faults())
        await chat.open()
        closing.push_async_callback(chat.close)
        platform = FakeChatPlatform(chat.port, "slack")
        closing.push_async_callback(platform.close)
        hana = await an_agent(database, "Hana", Role.AGENT, "slack")
        ken = await an_agent(database, "Ken", Role.SUPERVISOR, "slack")
        await a_queue(database, "support", HERE)
        office = Office(database, chat, platform, Planting(database))
        planting = office.planting
        await planting.letters()
        office.copied = mail("The vase", "It arrived in pieces", sender=OTHER, Message_ID=f"<{VASE}>", Cc=ADDRESS)
        await planting.arrives(office.copied, "vase")
        await office.delivers()
        async with database.transaction() as tx:
            inquiry = await tx.inquiries.get(planting.numbers["bowls"])
            assert inquiry
            await tx.inquiries.save(inquiry.assign(hana, an_act(ken)))
        await planting.is_answered()
        await planting.answers("reply", file="reply file")
        await planting.answers("late reply", "later reply")
        await planting.writes_in_others(VASE)
        await office.delivers()
        office.person = await planting.is_known()
        await office.delivers()
        await planting.is_cared_for()
        await office.delivers()
        await planting.answers("unread pending")
        await planting.indexed()
        yield office


async def erased(office: Office) -> None:
    await office.erasing.erase(office.person, "ken")
    assert await scrub(office.database.url) == ""


async def test_every_fact_stands_somewhere_before(office: Office) -> None:
    """The control: the search for traces is not blind, wherever they stand."""
    assert set(FACTS) - await office.traces() == set()
    assert IN_CHAT - office.seen() == set()


async def test_to_delete_the_customers_row_alone_leaves_nearly_all(office: Office) -> None:
    """The control: the naive way."""
    nobody = {"name": "", "kana": "", "tags": [], "caution": "", "language": ""}
    await office.writes(sa.update(customer).values(nobody))
    assert await scrub(office.database.url) == ""
    assert len(await office.traces()) > 40
    assert IN_CHAT - office.seen() == set()


async def test_nothing_is_left_after_an_erasure_and_delivery(office: Office) -> None:
    await erased(office)
    await office.delivers()
    await office.planting.indexed()

    assert await office.traces() == set()
    assert office.seen() == set()
    assert await office.erasing.left() == 0
    assert await office.erasing.prospects(ADDRESS) == []
    for words in (FACTS["two characters"], FACTS["body ascii"], FACTS["note"]):
        async with office.database.snapshot() as tx:
            assert (await tx.search.find(words, Filter(), 0, 10)).found == []


async def test_nothing_is_left_in_chat_of_what_was_sent_before_places_were_remembered(office: Office) -> None:
    await office.forgets_where("letter", "whisper")
    await erased(office)
    await office.delivers()
    assert office.seen() == set()
    assert await office.erasing.left() == 0


# --- nothing comes back ---------------------------------------------------------------------------------------------


async def test_mail_that_was_erased_does_not_come_back_by_another_way(office: Office) -> None:
    """The server renumbers its mails, the same file is dropped again, or another mailbox has it too."""
    await erased(office)
    await office.delivers()
    theirs = [one for one in office.planting.contents if one != office.copied]
    count = len(theirs)
    for mailbox, validity in (("box", "2"), ("spool:elsewhere", "")):
        raw = [RawMail(mailbox, validity, str(100 + uid), one, system_clock()) for uid, one in enumerate(theirs)]
        async with office.database.transaction() as tx:
            assert await tx.mails.store("support", raw) == []
        async with office.database.snapshot() as tx:
            assert len(await tx.mails.listed(Outcome.ERASED, 100)) == count
        count += len(theirs)
    assert await scrub(office.database.url) == ""
    assert await office.traces() == set()


async def test_among_erased_mail_new_mail_is_taken_in(office: Office) -> None:
    await erased(office)
    batch = [office.planting.contents[0], mail("Hello again", "It is me.")]
    raw = [RawMail("box", "2", str(uid), one, system_clock()) for uid, one in enumerate(batch)]
    async with office.database.transaction() as tx:
        [stored] = await tx.mails.store("support", raw)
    assert stored.raw.content == batch[1]


async def test_whoever_was_erased_and_writes_again_is_a_stranger(office: Office) -> None:
    await erased(office)
    before = office.planting.numbers["bowls"]
    answers = f"<{FACTS['message id']}>"
    await office.planting.arrives(mail("Re: bowls", "It is me again.", In_Reply_To=answers))
    async with office.database.snapshot() as tx:
        waiting, _ = await tx.inquiries.waiting("support", 0, 100)
        newest = max(waiting, key=lambda one: one.number)
        assert newest.number > before
        old = await tx.inquiries.get(before)
        assert old
        assert (newest.customer.id == old.customer.id, newest.related) == (False, None)
        person = await tx.customers.person(newest.customer.id)
        assert person
        assert [one.value for one in person.identities] == [ADDRESS]


# --- all or nothing, and only theirs --------------------------------------------------------------------------------


async def test_what_stays_of_an_inquiry_is_its_number_its_times_and_who_had_it(office: Office) -> None:
    number = office.planting.numbers["bowls"]
    async with office.database.snapshot() as tx:
        before = await tx.inquiries.get(number)
        assert before
    await erased(office)
    async with office.database.snapshot() as tx:
        after = await tx.inquiries.get(number)
        timeline = await tx.inquiries.timeline(number)
        assert after
    assert (after.subject, after.excerpt, after.note, after.customer.label) == ("", "", "", "")
    assert after.is_resolved
    assert after.erased_at
    assert (after.queue, after.opened_at, after.holder) == (before.queue, before.opened_at, before.holder)
    assert [one.kind for one in timeline][-1] == "erased"
    assert timeline[-1].version == after.version == before.version + 1
    assert {key for one in timeline for key in one.details} <= {"to", "to_id", "from", "by", "count"}
    async with office.database.transaction() as tx:
        hana = timeline[1].details["to_id"]
        assert isinstance(hana, int)
        assert await tx.mails.offer(number, hana, timedelta(minutes=1)) == []


async def test_other_peoples_data_stay_as_they_were(office: Office) -> None:
    async with office.database.snapshot() as tx:
        aki = await tx.customers.by_identity(Identity(IdentityKind.MAIL, OTHER[1]))
        assert aki
        before: dict[str, Any] = dict(await tx.erasures.everything(aki))
    await erased(office)
    await office.delivers()
    async with office.database.snapshot() as tx:
        after: dict[str, Any] = dict(await tx.erasures.everything(aki))
        assert (await tx.search.find("pieces", Filter(), 0, 10)).total == 0, "until the index has caught up"
    vase, vase_after = before.pop("inquiries")[0], after.pop("inquiries")[0]
    assert before == after
    assert vase_after["excerpt"] == "It arrived in pieces"
    assert [one["text"] for one in vase_after["messages"]] == ["It arrived in pieces"]
    assert [one for one in vase["messages"] if one["text"] == "It arrived in pieces"] != []
    assert [one["content"] for one in vase_after["escalations"]] == [""], "it quoted somebody"
    same = set(vase) - {"excerpt", "messages", "mails", "escalations"}
    assert {key: vase[key] for key in same} == {key: vase_after[key] for key in same}
    (content,) = await office.reads(sa.select(mail_content.c.content))
    assert bytes(content.content) == office.copied
    await office.planting.indexed()
    async with office.database.snapshot() as tx:
        assert (await tx.search.find("pieces", Filter(), 0, 10)).total == 1


async def test_when_the_commit_fails_nothing_has_happened_and_when_its_answer_is_lost_everything_has(
    office: Office,
) -> None:
    for at, numbers_left in ((1, 8), (2, 0)):
        points = FailPoints(at, Fault.ERROR)
        with pytest.raises(StoreDown):
            await Erasing(FailingStore(office.database, points), "JP").erase(office.person, "ken")
        left = await office.reads(sa.select(inquiries.c.number).where(inquiries.c.erased_at.is_(None)))
        assert len(left) - 1 == numbers_left, points.happened
        if numbers_left:
            assert set(FACTS) - await office.traces() == set()
    assert await scrub(office.database.url) == ""
    await office.delivers()
    assert await office.traces() | office.seen() == set()


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DOUBT])
async def test_removals_go_on_whatever_goes_wrong_on_the_way(office: Office, fault: Fault) -> None:
    """At every commit and every request; a desk that died there is followed by one that is well."""
    await office.forgets_where("whisper")
    await erased(office)
    start = await office.reads(sa.select(outbox))
    standing = [(one, one.card, one.deleted) for one in office.chat.messages]
    happened = set[str]()
    for at in range(1, 200):
        points = FailPoints(at, fault)
        await office.delivers(FailingStore(office.database, points), FailingPlatform(office.platform, points))
        assert office.seen() == set(), (at, points.happened)
        if not points.happened:
            break
        happened.add(points.happened)
        for one, card, deleted in standing:
            one.card, one.deleted = card, deleted
        for row in start:
            await office.writes(sa.update(outbox).where(outbox.c.id == row.id).values(row._mapping))
    assert {"before remove", "before update", "before find"} <= happened
    assert await office.erasing.left() == 0


# --- at the same moment ---------------------------------------------------------------------------------------------


async def test_a_letter_that_is_being_sent_at_that_moment_is_taken_away_after_it(office: Office) -> None:
    lease = timedelta(minutes=1)
    async with office.database.transaction() as tx:
        taken = await tx.outbox.take(HERE, "me", lease, 10)
    [card, *_] = taken
    async with office.database.transaction() as tx:
        await tx.outbox.sent(card, "me", None)
        [letter] = await tx.outbox.take(HERE, "me", lease, 10)
    assert letter.kind == "letter"
    (root,) = [one for one in office.chat.standing("support") if "小鉢" in json.dumps(one.card, ensure_ascii=False)]
    await erased(office)
    parent = MessageRef("support", str(root.id))
    sent = await office.platform.reply(parent, Card(FACTS["unread pending"]), f"{letter.key}:1")
    assert office.seen() >= {"unread pending"}
    async with office.database.transaction() as tx:
        await tx.outbox.sent(letter, "me", sent)

    await office.delivers()

    assert office.seen() == set()


async def test_mail_that_comes_in_while_they_are_erased_is_a_strangers(on_postgresql: Database) -> None:
    """The mail waits for the erasure, and then finds nobody known by its address."""
    database = on_postgresql
    await a_queue(database)
    planting = Planting(database)
    await planting.arrives(mail("One", "first"), "one")
    async with database.snapshot() as tx:
        person = await tx.customers.by_identity(Identity(IdentityKind.MAIL, ADDRESS))
    assert person
    async with database.transaction() as tx:
        await tx.erasures.erase(person, "ken")
        coming = asyncio.create_task(planting.arrives(mail("Two", "second"), "two"))
        done, _ = await asyncio.wait([coming], timeout=0.3)
        assert not done
    await coming
    async with database.snapshot() as tx:
        second = await tx.inquiries.get(planting.numbers["two"])
        assert second
        assert (second.erased_at, second.customer.id == person) == (None, False)


async def test_nobody_is_erased_twice_and_the_former_erasure_is_known_by_every_identity(office: Office) -> None:
    await erased(office)
    with pytest.raises(Conflict):
        await office.erasing.erase(office.person, "ken")
    number = office.planting.numbers["bowls"]
    for text in (ADDRESS, ADDRESS.upper(), SECOND, PHONE, "090-5551-2345", f"#{number}", str(number)):
        before = await office.erasing.former(text)
        assert before, text
        assert (before.by, before.inquiries > 5, before.mails > 10) == ("ken", True, True)
    for text in (OTHER[1], "+819055512346", f"#{office.planting.numbers['vase']}", "水野蛍"):
        assert await office.erasing.former(text) is None
