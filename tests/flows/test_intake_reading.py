"""Intake, when mail has to be read again: readers that do not start, readings lost, answers that came too early."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from threading import Event

import pytest

from bot.domain.inquiry import Status
from bot.domain.message import Message, RawMail
from bot.intake import READINGS, TRIES, Intake, ReadMail
from bot.ports import Outcome, ReaderDown, StoredMail
from bot.ports.mail import ReadingLost
from bot.threads import LOOKS
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, a_raw_mail
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.readers import ReadBy

NOBODY_ELSE = timedelta()
PATIENCE = 30.0
QUESTION = a_message(message_id="where@example.com", to=("support@shop.example.com",))
ANSWER = a_message(
    message_id="here@example.com", references=("where@example.com",), from_address="support@shop.example.com"
)


class NoReader:
    """A reader that cannot start."""

    def read_all(self, contents: Sequence[bytes]) -> Sequence[Message | Exception]:
        raise ReaderDown("no memory")


class Lost(ReadingLost):
    """A reading that was cut short."""

    def __init__(self, again: Callable[[], Message | Exception]) -> None:
        super().__init__("took too long")
        self.again = again


class LosingReader:
    """Loses the first readings of each bomb, as many as `lost`; before each further one it waits for `may_go_on`."""

    def __init__(self, lost: int) -> None:
        self.may_go_on = Event()
        self.may_go_on.set()
        self.readings = 0
        self._lost = lost

    def read_all(self, contents: Sequence[bytes]) -> list[Message | Exception]:
        return [self._bomb() if content == b"bomb" else QUESTION for content in contents]

    def _bomb(self) -> Message | Exception:
        self.readings += 1
        return QUESTION if self.readings > self._lost else Lost(self._again)

    def _again(self) -> Message | Exception:
        self.may_go_on.wait()
        return self._bomb()


class InsistentReader(LosingReader):
    """The naive one: goes on with the next mail only when it has tried a bomb as often as it may be."""

    def _bomb(self) -> Message | Exception:
        answer = super()._bomb()
        while isinstance(answer, Lost) and self.readings < TRIES:
            answer = answer.again()
        return answer


class Letters:
    """An inbox of a few batches."""

    name, queue, trouble = "letters", "support", ""

    def __init__(self, *batches: list[RawMail]) -> None:
        self._batches = batches

    async def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        for batch in self._batches:
            yield batch
        await asyncio.Event().wait()

    async def done(self, batch: Sequence[RawMail]) -> None:
        """Nobody has to be told."""


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


async def settled(database: Database, count: int, patience: float = PATIENCE) -> list[Outcome | None]:
    """What became of the mails, in order, as soon as so many are settled."""
    async with asyncio.timeout(patience):
        while True:
            became = [outcome for _, outcome in sorted((await outcomes(database)).items())]
            if sum(outcome is not None for outcome in became) >= count:
                return became
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("lost", "became", "readings"),
    [(0, Outcome.OPENED, 1), (TRIES - 1, Outcome.OPENED, TRIES), (TRIES, Outcome.UNREADABLE, TRIES)],
)
@pytest.mark.parametrize("is_left_over", [False, True])
async def test_a_mail_whose_reading_is_lost_is_read_thrice(
    database: Database, clock: Clock, lost: int, became: Outcome, readings: int, is_left_over: bool
) -> None:
    await a_queue(database, "support", SUPPORT)
    reader = LosingReader(lost)
    intake = Intake(database, reader, clock, Counts())
    if is_left_over:
        reader.may_go_on.clear()
        await stored(database, b"bomb")
        assert await intake.catch_up(NOBODY_ELSE) == 1
        assert await intake.catch_up(NOBODY_ELSE) == 0  # settled, or being read again
        reader.may_go_on.set()
        assert await settled(database, 1) == [became]
    else:
        running = asyncio.create_task(intake.run(Letters([a_raw_mail(content=b"bomb")])))
        assert await settled(database, 1) == [became]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert reader.readings == readings


async def good_mail_settled_meanwhile(
    database: Database, clock: Clock, reader: LosingReader, patience: float = PATIENCE
) -> list[Outcome | None]:
    """What became of a bomb, of the mail behind it and of the next batches, while the bomb is being read again."""
    await a_queue(database, "support", SUPPORT)
    batches = [[a_raw_mail(content=content) for content in batch] for batch in ([b"bomb", b"good"], *[[b"good"]] * 4)]
    reader.may_go_on.clear()
    running = asyncio.create_task(Intake(database, reader, clock, Counts()).run(Letters(*batches)))
    try:
        return await settled(database, 5, patience)
    finally:
        reader.may_go_on.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_no_mail_waits_for_one_that_is_read_again(database: Database, clock: Clock) -> None:
    became = await good_mail_settled_meanwhile(database, clock, LosingReader(TRIES))
    assert became == [None, *[Outcome.OPENED] * 5]


async def test_all_mail_would_wait_for_a_reader_that_insists(database: Database, clock: Clock) -> None:
    with pytest.raises(TimeoutError):
        await good_mail_settled_meanwhile(database, clock, InsistentReader(TRIES), 0.5)


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
