"""Intake under bad luck: lost races and a store that fails change when a mail is read, never what becomes of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.domain.message import Message, RawMail
from bot.intake import ATTEMPTS, Intake, ReadMail
from bot.ports import Outcome, Store, StoredMail, StoreDown, Transaction
from storage.database import Database
from tests.builders import a_message, a_queue, a_raw_mail
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.readers import ReadBy

NOBODY_ELSE = timedelta()


class UnluckyStore:
    """A store in which the next so many transactions end in an error, made by `error`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failures = 0
        self.error: Callable[[], Exception] = Conflict

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._store.transaction() as tx:
            yield tx
            if self.failures:
                self.failures -= 1
                raise self.error()

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self._store.snapshot()


@pytest.fixture
def store(database: Database) -> UnluckyStore:
    return UnluckyStore(database)


@pytest.fixture
def intake(store: UnluckyStore, clock: Clock) -> Intake:
    return Intake(store, ReadBy(lambda content: a_message(text=content.decode())), clock, Counts(), pause=0.001)


async def stored(store: Store, *batch: RawMail) -> list[StoredMail]:
    async with store.transaction() as tx:
        return await tx.mails.store("support", batch)


async def outcomes(database: Database) -> list[Outcome | None]:
    async with database.snapshot() as tx:
        return [one.outcome for one in await tx.mails.listed(None, 100)]


def read(mails: Sequence[StoredMail]) -> list[ReadMail]:
    return [ReadMail(one, a_message()) for one in mails]


async def test_a_mail_that_loses_every_race_stays_unread_and_is_read_later(
    database: Database, store: UnluckyStore, intake: Intake
) -> None:
    await a_queue(database)
    mails = await stored(store, a_raw_mail())
    store.failures = ATTEMPTS
    await intake.take(read(mails))
    assert await outcomes(database) == [None]
    assert await intake.catch_up(NOBODY_ELSE) == 1
    assert await outcomes(database) == [Outcome.OPENED]


async def test_a_batch_that_loses_every_race_is_settled_one_by_one(
    database: Database, store: UnluckyStore, intake: Intake
) -> None:
    await a_queue(database)
    mails = await stored(store, a_raw_mail(), a_raw_mail())
    store.failures = ATTEMPTS
    await intake.take(read(mails))
    assert await outcomes(database) == [Outcome.OPENED, Outcome.OPENED]


async def test_a_mail_that_the_store_does_not_take_becomes_an_unreadable_one_and_holds_up_nobody(
    database: Database, intake: Intake
) -> None:
    await a_queue(database)
    unstorable = a_message(subject="half a letter: \ud83d")
    good, bad = await stored(database, a_raw_mail(), a_raw_mail())
    await intake.take([ReadMail(bad, unstorable), ReadMail(good, a_message())])
    assert await outcomes(database) == [Outcome.UNREADABLE, Outcome.OPENED]


async def test_a_store_that_stays_broken_for_a_mail_ends_no_loop_and_loses_nothing(
    database: Database, store: UnluckyStore, intake: Intake
) -> None:
    await a_queue(database)
    mails = await stored(store, a_raw_mail())
    store.failures, store.error = 2 * ATTEMPTS, lambda: ValueError("a bug")
    await intake.take(read(mails))
    store.failures = 0
    assert await outcomes(database) == [None]


class Once:
    """An inbox with one batch, that remembers what it was told to flag."""

    name, queue, trouble = "mails", "support", ""

    def __init__(self, *batch: RawMail) -> None:
        self._batch = batch
        self.flagged: list[str] = []

    async def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        yield self._batch

    async def done(self, batch: Sequence[RawMail]) -> None:
        self.flagged += [one.uid for one in batch]


async def test_mail_waits_in_its_mailbox_until_the_database_takes_it(
    database: Database, store: UnluckyStore, intake: Intake
) -> None:
    await a_queue(database)
    inbox = Once(a_raw_mail(uid="7"))
    store.failures, store.error = 3, lambda: StoreDown("disk full")
    await intake.run(inbox)
    assert (inbox.flagged, store.failures, intake.trouble) == (["7"], 0, "")
    assert await outcomes(database) == [Outcome.OPENED]


async def test_a_mail_whose_reading_never_ends_becomes_an_unreadable_one(
    database: Database, store: UnluckyStore, intake: Intake
) -> None:
    def reads(_content: bytes) -> Message:
        raise AssertionError("a mail that killed its reader before is not read again")

    await a_queue(database)
    await stored(store, a_raw_mail())
    for _ in range(3):
        async with database.transaction() as tx:
            (mail,) = await tx.mails.unread(NOBODY_ELSE, 9)
            assert await tx.mails.attempt(mail, NOBODY_ELSE)
    await Intake(store, ReadBy(reads), Clock(), Counts()).catch_up(NOBODY_ELSE)
    assert await outcomes(database) == [Outcome.UNREADABLE]
