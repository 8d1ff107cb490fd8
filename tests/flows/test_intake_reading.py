"""Intake, when mail has to be read again: after a reader that did not start, and for answers that came too early."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.inquiry import Status
from bot.domain.message import Message
from bot.intake import READINGS, Intake, ReadMail
from bot.ports import Outcome, ReaderDown, StoredMail
from bot.threads import LOOKS
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, a_raw_mail
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.readers import ReadBy

NOBODY_ELSE = timedelta()
QUESTION = a_message(message_id="where@example.com", to=("support@shop.example.com",))
ANSWER = a_message(
    message_id="here@example.com", references=("where@example.com",), from_address="support@shop.example.com"
)


class NoReader:
    """A reader that cannot start."""

    def read_all(self, contents: Sequence[bytes]) -> Sequence[Message | Exception]:
        raise ReaderDown("no memory")


def read(content: bytes) -> Message:
    return {b"question": QUESTION, b"answer": ANSWER}[content]


def intake_of(database: Database, clock: Clock) -> Intake:
    return Intake(database, ReadBy(read), clock, Counts())


async def stored(database: Database, content: bytes, sent: bool = False) -> StoredMail:
    """A mail that is safe with us, and whose reading began."""
    async with database.transaction() as tx:
        (one,) = await tx.mails.store("support", [a_raw_mail(content=content, sent=sent)])
    return one


async def outcomes(database: Database) -> dict[int, Outcome | None]:
    async with database.snapshot() as tx:
        return {one.id: one.outcome for one in await tx.mails.listed(None, 100)}


async def test_a_reader_that_does_not_start_says_nothing_about_a_mail(database: Database, clock: Clock) -> None:
    await a_queue(database, "support", SUPPORT)
    mail = await stored(database, b"question")
    for _ in range(READINGS + 1):
        try:
            await Intake(database, NoReader(), clock, Counts()).catch_up(NOBODY_ELSE)
        except ReaderDown:
            continue
        raise AssertionError("somebody has to hear of it")
    assert await outcomes(database) == {mail.id: None}
    await intake_of(database, clock).catch_up(NOBODY_ELSE)
    assert await outcomes(database) == {mail.id: Outcome.OPENED}


async def test_an_answer_that_is_taken_in_before_its_question_waits_for_it(database: Database, clock: Clock) -> None:
    await a_queue(database, "support", SUPPORT)
    intake = intake_of(database, clock)
    answer = await stored(database, b"answer", sent=True)
    await intake.catch_up(NOBODY_ELSE)
    assert await outcomes(database) == {answer.id: None}
    question = await stored(database, b"question")
    await intake.take([ReadMail(question, QUESTION)])
    assert await intake.catch_up(NOBODY_ELSE) == 1
    assert await outcomes(database) == {answer.id: Outcome.ANSWER, question.id: Outcome.OPENED}
    async with database.snapshot() as tx:
        (inquiry,), _ = await tx.inquiries.waiting(None, 0, 9)
    assert (inquiry.status, inquiry.messages) == (Status.WAITING_ON_CUSTOMER, 2)


async def test_it_does_not_wait_for_ever(database: Database, clock: Clock) -> None:
    await a_queue(database, "support", SUPPORT)
    intake = intake_of(database, clock)
    answer = await stored(database, b"answer", sent=True)
    for _ in range(LOOKS - 1):
        assert await outcomes(database) == {answer.id: None}
        assert await intake.catch_up(NOBODY_ELSE) == 1
    assert await outcomes(database) == {answer.id: Outcome.UNRELATED}
    assert await intake.catch_up(NOBODY_ELSE) == 0
