"""Messages arrived: kept raw, read, and made inquiries, or added to those that they answer; a batch at a time."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from bot.domain.errors import Conflict
from bot.domain.message import Message, RawMail
from bot.ports import Clock, Inbox, Meter, Outcome, Reader, ReaderDown, Store, StoredMail, StoreDown
from bot.ports.mail import ReadingLost
from bot.threads import FLOOD, Became, ReadMail, Threads

__all__ = ["FLOOD", "READING_TIME", "Intake", "ReadMail"]

READINGS = 10
"""A mail whose reading was begun this often and never ended becomes an "unreadable mail" card.

What a mail does to its reader is told by the process that reads; a reading that never ended means that we ended
ourselves. Three times that happens by chance, to good mail, where processes are killed again and again.
"""
TRIES = 3
"""A mail whose reading was lost this often becomes such a card too."""
ATTEMPTS = 5
BATCH = 100
AHEAD = 2
"""Batches of one inbox that are kept but not settled yet, before the next one has to wait."""
PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds to wait for a database that does not take mail: at first, and at most."""
READING_TIME = timedelta(seconds=60)
"""A mail whose reading began longer ago than this was left by a process that died."""

log = logging.getLogger(__name__)


class Intake:
    """Takes in what inboxes hand over. `trouble` tells operators why intake stands still, when it does."""

    def __init__(
        self, store: Store, reader: Reader, clock: Clock, meter: Meter, pause: float = PAUSE, flood: int = FLOOD
    ) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._meter = meter
        self._pause = pause
        self._flood = flood
        self._reading = asyncio.Lock()
        self._reading_again = asyncio.Lock()
        self._late: dict[int, asyncio.Task[None]] = {}
        self.trouble = ""

    async def run(self, inbox: Inbox) -> None:
        """Take in an inbox's mail, batch after batch, until cancelled.

        While one batch is settled, the next is read, and the one after it fetched and kept.
        """
        under_way: deque[asyncio.Task[None]] = deque()
        try:
            async with asyncio.TaskGroup() as group:
                async for batch in inbox.batches():
                    stored = await self._kept(inbox, batch)
                    if stored:
                        if len(under_way) == AHEAD:
                            await asyncio.wait([under_way.popleft()])
                        before = under_way[-1] if under_way else None
                        under_way.append(group.create_task(self._read_and_settled(stored, before)))
                    await inbox.done(batch)
        finally:
            for task in self._late.values():
                task.cancel()

    async def catch_up(self, since: timedelta = READING_TIME) -> int:
        """Read what was stored but not read to the end `since`; one by one, so that a bad mail holds up nobody.

        After a crash of the only process, nobody else can be reading: `since` may be nothing.
        """
        count = 0
        async with self._store.snapshot() as tx:
            left = await tx.mails.unread(since, BATCH)
        if left:
            # A desk that is killed while its reader starts, again and again, has not tried to read the oldest mail.
            await asyncio.to_thread(self._reader.read_all, [b""])
        for mail in left:
            if mail in self._late:
                continue
            async with self._store.transaction() as tx:
                stored = await tx.mails.attempt(mail, since)
            if stored is not None:
                await self.take(await self._read([stored]))
                count += 1
        return count

    async def take(self, mails: Sequence[ReadMail]) -> None:
        """Settle a batch in one transaction; when that fails, one by one. Raises StoreDown."""
        for attempt in range(ATTEMPTS):
            try:
                await self._settle(mails, is_contested=attempt > 0)
                return
            except Conflict:
                continue
            except StoreDown:
                raise
            except Exception:  # the boundary: one mail that cannot be stored must not hold up the others
                log.exception("a batch of mail could not be settled", extra={"mails": len(mails)})
                if len(mails) == 1 and mails[0].message is not None:
                    mails = [ReadMail(mails[0].mail, None)]
                    continue
                break
        if len(mails) > 1:
            for mail in mails:
                await self.take([mail])
        else:
            log.error("a mail stays unread for now", extra={"mail": mails[0].mail.id})

    async def _kept(self, inbox: Inbox, batch: Sequence[RawMail]) -> list[StoredMail]:
        """Commit the bytes, for as long as that takes: until then the inbox keeps its mail."""
        pause = self._pause
        while True:
            try:
                async with self._store.transaction() as tx:
                    stored = await tx.mails.store(inbox.queue, batch)
            except StoreDown as error:
                self.trouble = f"The database does not take mail ({error}). Mail waits in {inbox.name}."
                log.error("intake waits for the database", extra={"inbox": inbox.name, "why": str(error)})
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self.trouble = ""
                return stored

    async def _read_and_settled(self, stored: Sequence[StoredMail], before: asyncio.Task[None] | None) -> None:
        """Settled after the mail that came `before`, which it may answer."""
        async with _left_for_later(stored):
            mails = await self._read(stored)
            if before:
                await asyncio.wait([before])
            await self.take(mails)

    async def _read(self, stored: Sequence[StoredMail]) -> list[ReadMail]:
        """What the mails say, without those whose reading was lost: they are read again while others go on.

        One that readings never came to the end of is not read. Raises ReaderDown.
        """
        readable = [mail for mail in stored if mail.attempts <= READINGS]
        async with self._reading:  # one after the other in any case; and no thread waits for it
            said = await asyncio.to_thread(self._reader.read_all, [mail.raw.content for mail in readable])
        answers = {mail.id: one for mail, one in zip(readable, said, strict=True)}
        mails = []
        for mail in stored:
            answer = answers.get(mail.id)
            if isinstance(answer, ReadingLost):
                self._late[mail.id] = asyncio.create_task(self._read_again(mail, answer))
                self._late[mail.id].add_done_callback(partial(self._is_late_no_more, mail.id))
            else:
                mails.append(_read_mail(mail, answer))
        return mails

    async def _read_again(self, mail: StoredMail, lost: ReadingLost) -> None:
        """Settle a mail when it has been read after all, or lost so often that nobody can."""
        said: Message | Exception = lost
        async with _left_for_later([mail]):
            for _ in range(TRIES - 1):
                if isinstance(said, ReadingLost):
                    async with self._reading_again:  # one after the other: each may take much memory
                        said = await asyncio.to_thread(said.again)
            await self.take([_read_mail(mail, said)])

    def _is_late_no_more(self, mail: int, _: asyncio.Task[None]) -> None:
        del self._late[mail]

    async def _settle(self, mails: Sequence[ReadMail], is_contested: bool) -> None:
        """In one transaction. Raises Conflict when somebody else was at work; then the mails are `is_contested`."""
        async with self._store.transaction() as tx:
            ours = mails
            if is_contested:
                locked = await tx.mails.lock([one.mail.id for one in mails])
                ours = [one for one in mails if one.mail.id in locked]
            became: Became = {one.mail.id: (Outcome.ROBOT, None) for one in ours if _is_robot(one)}
            for queue in sorted({one.mail.queue for one in ours}):
                people = [one for one in ours if one.mail.queue == queue and not _is_robot(one)]
                became |= await Threads(tx, queue, self._clock, self._flood).take(people)
            await tx.mails.settle(became, {one.mail.id: one.message for one in ours if one.message})
        self._count(ours, became)

    def _count(self, ours: Sequence[ReadMail], became: Became) -> None:
        for one in (each for each in ours if each.mail.id in became):
            outcome, _ = became[one.mail.id]
            self._meter.count("madoguchi_mails_total", outcome=outcome.value)
            if outcome in (Outcome.OPENED, Outcome.UNREADABLE):
                self._meter.count("madoguchi_inquiries_opened_total", queue=one.mail.queue)


@asynccontextmanager
async def _left_for_later(mails: Sequence[StoredMail]) -> AsyncIterator[None]:
    """While nothing can be read or settled, mail that is stored waits for `catch_up`."""
    try:
        yield
    except (StoreDown, ReaderDown) as error:
        log.error("mail is stored but waits to be read", extra={"mails": len(mails), "why": str(error)})


def _read_mail(mail: StoredMail, said: Message | Exception | None) -> ReadMail:
    if isinstance(said, Message):
        return ReadMail(mail, said)
    log.warning("a mail cannot be read", extra={"mail": mail.id, "why": str(said or "readings did not end")})
    return ReadMail(mail, None)


def _is_robot(one: ReadMail) -> bool:
    return one.message is not None and one.message.is_robot
