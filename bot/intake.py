"""Messages arrived: kept raw, read, and made inquiries, or added to those that they answer; a batch at a time."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.errors import Conflict
from bot.domain.message import Message, RawMail
from bot.ports import Clock, Inbox, Meter, Outcome, Reader, ReaderDown, Store, StoredMail, StoreDown
from bot.threads import FLOOD, Became, ReadMail, Threads

__all__ = ["FLOOD", "READING_TIME", "Intake", "ReadMail"]

READINGS = 10
"""A mail whose reading was begun this often and never ended becomes an "unreadable mail" card.

What a mail does to its reader is told at once, by the process that reads; a reading that never ended means that we
ended ourselves. Three times that happens by chance, to good mail, where processes are killed again and again.
"""
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
        self.trouble = ""

    async def run(self, inbox: Inbox) -> None:
        """Take in an inbox's mail, batch after batch, until cancelled.

        While one batch is settled, the next is read, and the one after it fetched and kept.
        """
        under_way: deque[asyncio.Task[None]] = deque()
        async with asyncio.TaskGroup() as group:
            async for batch in inbox.batches():
                stored = await self._kept(inbox, batch)
                if stored:
                    if len(under_way) == AHEAD:
                        await asyncio.wait([under_way.popleft()])
                    before = under_way[-1] if under_way else None
                    under_way.append(group.create_task(self._read_and_settled(stored, before)))
                await inbox.done(batch)

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
            async with self._store.transaction() as tx:
                stored = await tx.mails.attempt(mail, since)
            if stored is not None:
                await self.take(await self._read([stored]))
                count += 1
        return count

    async def take(self, mails: Sequence[ReadMail]) -> None:
        """Settle a batch in one transaction; when that fails, one by one. Raises StoreDown."""
        for _ in range(ATTEMPTS):
            try:
                await self._settle(mails)
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
        try:
            mails = await self._read(stored)
            if before:
                await asyncio.wait([before])
            await self.take(mails)
        except (StoreDown, ReaderDown) as error:
            log.error("mail is stored but waits to be read", extra={"mails": len(stored), "why": str(error)})

    async def _read(self, stored: Sequence[StoredMail]) -> list[ReadMail]:
        """What each mail says; one that readings never came to the end of is not read again. Raises ReaderDown."""
        readable = [mail for mail in stored if mail.attempts <= READINGS]
        async with self._reading:  # one after the other in any case; and no thread waits for it
            said = await asyncio.to_thread(self._reader.read_all, [mail.raw.content for mail in readable])
        messages = {mail.id: _understood(mail, one) for mail, one in zip(readable, said, strict=True)}
        return [ReadMail(mail, messages.get(mail.id)) for mail in stored]

    async def _settle(self, mails: Sequence[ReadMail]) -> None:
        async with self._store.transaction() as tx:
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


def _understood(mail: StoredMail, said: Message | Exception) -> Message | None:
    if isinstance(said, Message):
        return said
    log.warning("a mail cannot be read", extra={"mail": mail.id, "why": type(said).__name__})
    return None


def _is_robot(one: ReadMail) -> bool:
    return one.message is not None and one.message.is_robot
