"""Intake: which mails join, which open, which are counted, and what the team's own answers do."""

from datetime import timedelta

import pytest

from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry, Status
from bot.domain.message import Message
from bot.intake import FLOOD, Intake, ReadMail
from bot.ports import Outcome
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, a_raw_mail, an_act, an_agent
from tests.support.clock import MORNING, Clock
from tests.support.meter import Counts
from tests.support.readers import ReadBy

WHERE = a_message(message_id="where@example.com", to=("support@shop.example.com",))


@pytest.fixture
async def intake(database: Database, clock: Clock) -> Intake:
    await a_queue(database, "support", SUPPORT)
    return Intake(database, ReadBy(lambda content: a_message()), clock, Counts())


async def arrive(
    database: Database, intake: Intake, *messages: Message, sent: bool = False, minutes: int = 0
) -> list[Outcome | None]:
    """Take in a batch that says this, and came so many minutes later; answers with what became of each."""
    at = MORNING + timedelta(minutes=minutes)
    async with database.transaction() as tx:
        stored = await tx.mails.store("support", [a_raw_mail(sent=sent, received_at=at) for _ in messages])
    await intake.take([ReadMail(mail, message) for mail, message in zip(stored, messages, strict=True)])
    async with database.snapshot() as tx:
        became = {one.id: one.outcome for one in await tx.mails.listed(None, 1000)}
    return [became[mail.id] for mail in stored]


async def all_of(database: Database) -> list[Inquiry]:
    async with database.snapshot() as tx:
        waiting, _ = await tx.inquiries.waiting(None, 0, 1000)
    return sorted(waiting, key=lambda inquiry: inquiry.number)


async def test_an_answer_of_a_participant_joins(database: Database, intake: Intake) -> None:
    reply = a_message(references=("where@example.com",))
    assert await arrive(database, intake, WHERE) == [Outcome.OPENED]
    assert await arrive(database, intake, reply) == [Outcome.JOINED]
    (inquiry,) = await all_of(database)
    assert inquiry.messages == 2


async def test_whoever_got_a_copy_is_a_participant(database: Database, intake: Intake) -> None:
    await arrive(database, intake, a_message(message_id="copied@example.com", cc=("Partner@example.com",)))
    partner = a_message(from_address="partner@EXAMPLE.com", references=("copied@example.com",))
    assert await arrive(database, intake, partner) == [Outcome.JOINED]


async def test_a_stranger_opens_an_inquiry_of_their_own_with_a_warning(database: Database, intake: Intake) -> None:
    await arrive(database, intake, WHERE)
    stranger = a_message(from_address="mallory@example.com", references=("where@example.com",))
    assert await arrive(database, intake, stranger) == [Outcome.OPENED]
    first, second = await all_of(database)
    assert (first.messages, first.related) == (1, None)
    assert (second.related, second.customer.address) == (first.number, "mallory@example.com")


async def test_a_reply_in_the_same_batch_joins(database: Database, intake: Intake) -> None:
    reply = a_message(message_id="again@example.com", references=("where@example.com",))
    more = a_message(references=("again@example.com",))
    assert await arrive(database, intake, WHERE, reply, more) == [Outcome.OPENED, Outcome.JOINED, Outcome.JOINED]


async def test_a_chain_in_one_batch_joins_and_connects_whoever_got_a_copy_on_the_way(
    database: Database, intake: Intake
) -> None:
    second = a_message(message_id="second@example.com", references=("where@example.com",), cc=("ken@example.com",))
    third = a_message(from_address="ken@example.com", references=("second@example.com",), text="Here it is.")
    assert await arrive(database, intake, WHERE, second, third) == [Outcome.OPENED, Outcome.JOINED, Outcome.JOINED]
    (inquiry,) = await all_of(database)
    assert (inquiry.messages, inquiry.version) == (3, 3)
    async with database.snapshot() as tx:
        letters = await tx.inquiries.letters(inquiry.number)
        events = await tx.inquiries.timeline(inquiry.number)
    assert [one.version for one in letters] == [1, 2, 3]
    assert letters[-1].message.text == "Here it is."
    assert [one.version for one in events] == [1, 2, 3]


async def test_what_joins_in_the_batch_of_a_flood_is_not_lost(database: Database, intake: Intake) -> None:
    flood = [a_message(message_id=f"{number}@example.com") for number in range(FLOOD + 3)]
    reply = a_message(references=(f"{FLOOD - 1}@example.com",))
    await arrive(database, intake, *flood[:FLOOD])
    outcomes = await arrive(database, intake, reply, *flood[FLOOD:])
    assert outcomes == [Outcome.JOINED, *[Outcome.FOLDED] * 3]
    newest = (await all_of(database))[-1]
    assert (newest.messages, newest.version) == (5, 3)


async def test_an_answer_in_the_sent_folder_counts_as_the_response(database: Database, intake: Intake) -> None:
    await arrive(database, intake, WHERE)
    answer = a_message(
        from_address="support@shop.example.com",
        from_name="Hana",
        references=("where@example.com",),
        text="It is on its way.",
    )
    assert await arrive(database, intake, answer, sent=True) == [Outcome.ANSWER]
    (inquiry,) = await all_of(database)
    assert inquiry.status is Status.WAITING_ON_CUSTOMER
    assert inquiry.answered_at is not None
    async with database.snapshot() as tx:
        timeline, letters = await tx.inquiries.timeline(inquiry.number), await tx.inquiries.letters(inquiry.number)
    assert [event.kind for event in timeline] == [EventKind.OPENED, EventKind.ANSWERED]
    assert timeline[-1].details == {"by": "Hana"}
    assert [letter.outgoing for letter in letters] == [False, True]


async def test_the_customer_who_answers_an_answer_waits_again(database: Database, intake: Intake) -> None:
    await arrive(database, intake, WHERE)
    answer = a_message(
        from_address="support@shop.example.com", message_id="answer@shop.example.com", references=("where@example.com",)
    )
    await arrive(database, intake, answer, sent=True)
    assert await arrive(database, intake, a_message(references=("answer@shop.example.com",))) == [Outcome.JOINED]
    (inquiry,) = await all_of(database)
    assert inquiry.status is Status.OPEN


ANSWER = a_message(
    from_address="support@shop.example.com", message_id="answer@shop.example.com", references=("where@example.com",)
)


@pytest.mark.parametrize("is_held", [False, True])
async def test_an_answer_that_is_noticed_late_does_not_answer_what_the_customer_wrote_since(
    database: Database, intake: Intake, is_held: bool
) -> None:
    await arrive(database, intake, WHERE)
    if is_held:
        hana, [one] = await an_agent(database), await all_of(database)
        async with database.transaction() as tx:
            await tx.inquiries.save(one.claim(an_act(hana)))
    await arrive(database, intake, a_message(references=("where@example.com",)), minutes=10)
    assert await arrive(database, intake, ANSWER, sent=True, minutes=5) == [Outcome.ANSWER]
    (inquiry,) = await all_of(database)
    assert inquiry.status is (Status.OPEN if is_held else Status.NEW)
    assert inquiry.waiting_since == MORNING + timedelta(minutes=10), "for what was not answered yet"
    assert inquiry.answered_at == MORNING + timedelta(minutes=5)


async def test_question_answer_and_question_of_one_batch_are_told_in_the_order_in_which_they_were_sent(
    database: Database, intake: Intake
) -> None:
    """As they are found after a downtime: the team's own mail lies in another folder."""
    again = a_message(references=("answer@shop.example.com", "where@example.com"))
    async with database.transaction() as tx:
        raw = [
            a_raw_mail(sent=sent, received_at=MORNING + timedelta(minutes=minutes))
            for sent, minutes in ((False, 0), (False, 10), (True, 5))
        ]
        stored = await tx.mails.store("support", raw)
    await intake.take([ReadMail(mail, said) for mail, said in zip(stored, (WHERE, again, ANSWER), strict=True)])
    (inquiry,) = await all_of(database)
    assert (inquiry.messages, inquiry.waiting_since) == (3, MORNING + timedelta(minutes=10))
    assert inquiry.status is not Status.WAITING_ON_CUSTOMER


async def test_other_sent_mail_is_none_of_our_business(database: Database, intake: Intake) -> None:
    assert await arrive(database, intake, a_message(subject="Lunch?"), sent=True) == [Outcome.UNRELATED]
    assert await all_of(database) == []


@pytest.mark.parametrize("batch", [1, 7, 100])
async def test_a_flood_from_one_sender_is_folded(database: Database, intake: Intake, batch: int) -> None:
    """Whether it comes drop by drop or at once: so many inquiries an hour, and every mail is kept."""
    flood = [a_message(from_address="Flood@example.com") for _ in range(FLOOD + 15)]
    became = []
    for begin in range(0, len(flood), batch):
        became += await arrive(database, intake, *flood[begin : begin + batch])
    assert became == [Outcome.OPENED] * FLOOD + [Outcome.FOLDED] * 15
    inquiries = await all_of(database)
    assert len(inquiries) == FLOOD
    assert inquiries[-1].messages == 16
    async with database.snapshot() as tx:
        assert len(await tx.inquiries.letters(inquiries[-1].number)) == 16


async def test_others_are_not_folded_with_a_flood_and_an_hour_later_it_is_over(
    database: Database, intake: Intake, clock: Clock
) -> None:
    flood = [a_message(from_address="flood@example.com") for _ in range(FLOOD + 1)]
    other = a_message(from_address="other@example.com")
    assert (await arrive(database, intake, *flood, other))[-2:] == [Outcome.FOLDED, Outcome.OPENED]
    clock.forward(timedelta(hours=1, minutes=1))
    assert await arrive(database, intake, a_message(from_address="flood@example.com")) == [Outcome.OPENED]


async def test_robots_neither_open_nor_join(database: Database, intake: Intake) -> None:
    await arrive(database, intake, WHERE)
    away = a_message(references=("where@example.com",), is_auto=True)
    assert await arrive(database, intake, away) == [Outcome.ROBOT]
    assert [one.messages for one in await all_of(database)] == [1]
