"""Messages arrived: kept raw, read, and made inquiries, or added to those that they answer; a batch at a time."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import Conflict
from bot.domain.events import Act
from bot.domain.message import Message, RawMail
from bot.ports import Clock, Inbox, Meter, Opening, Outcome, Reader, Store, StoredMail, StoreDown, Transaction

READINGS = 3
"""A mail whose reading was begun this often and never ended becomes an "unreadable mail" card."""
ATTEMPTS = 5
BATCH = 100
PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds to wait for a database that does not take mail: at first, and at most."""
READING_TIME = timedelta(seconds=60)
"""A mail whose reading began longer ago than this was left by a process that died."""

SOURCE = "mail"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail with what it says, or None for one that cannot be read."""

    mail: StoredMail
    message: Message | None


class Intake:
    """Takes in what inboxes hand over. `trouble` tells operators why intake stands still, when it does."""

    def __init__(self, store: Store, reader: Reader, clock: Clock, meter: Meter, pause: float = PAUSE) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._meter = meter
        self._pause = pause
        self.trouble = ""

    async def run(self, inbox: Inbox) -> None:
        """Take in an inbox's mail, batch after batch, until cancelled."""
        async for batch in inbox.batches():
            stored = await self._kept(inbox, batch)
            await inbox.done(batch)
            if stored:
                await self._read_and_settled(stored)

    async def catch_up(self, since: timedelta = READING_TIME) -> int:
        """Read what was stored but not read to the end `since`; one by one, so that a bad mail holds up nobody.

        After a crash of the only process, nobody else can be reading: `since` may be nothing.
        """
        count = 0
        async with self._store.snapshot() as tx:
            left = await tx.mails.unread(since, BATCH)
        for mail in left:
            async with self._store.transaction() as tx:
                stored = await tx.mails.attempt(mail, since)
            if stored is not None:
                await self.take([await self._read(stored)])
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

    async def _read_and_settled(self, stored: Sequence[StoredMail]) -> None:
        read = await asyncio.to_thread(self._read_all, stored)
        try:
            await self.take(read)
        except StoreDown as error:
            log.error("mail is stored but waits to be read", extra={"mails": len(stored), "why": str(error)})

    async def _read(self, mail: StoredMail) -> ReadMail:
        if mail.attempts > READINGS:
            return ReadMail(mail, None)
        return (await asyncio.to_thread(self._read_all, [mail]))[0]

    def _read_all(self, stored: Sequence[StoredMail]) -> list[ReadMail]:
        return [ReadMail(mail, self._message(mail)) for mail in stored]

    def _message(self, mail: StoredMail) -> Message | None:
        try:
            return self._reader(mail.raw.content)
        except Exception as error:  # noqa: BLE001 - the boundary of one mail: whatever it is, it becomes a card
            log.warning("a mail cannot be read", extra={"mail": mail.id, "why": type(error).__name__})
            return None

    async def _settle(self, mails: Sequence[ReadMail]) -> None:
        async with self._store.transaction() as tx:
            locked = await tx.mails.lock([one.mail.id for one in mails])
            ours = [one for one in mails if one.mail.id in locked]
            outcomes = {one.mail.id: (Outcome.ROBOT, None) for one in ours if _is_robot(one)}
            became: dict[int, tuple[Outcome, int | None]] = {**outcomes}
            for queue in sorted({one.mail.queue for one in ours}):
                people = [one for one in ours if one.mail.queue == queue and not _is_robot(one)]
                for wave in _waves(people):
                    became |= await self._joined_or_opened(tx, queue, wave)
            await tx.mails.settle(became, {one.mail.id: one.message for one in ours if one.message})
        self._count(ours, became)

    async def _joined_or_opened(
        self, tx: Transaction, queue: str, wave: Sequence[ReadMail]
    ) -> dict[int, tuple[Outcome, int | None]]:
        references = {ref for one in wave if one.message for ref in one.message.references}
        answered = await tx.inquiries.answered_by(queue, references) if references else {}
        became: dict[int, tuple[Outcome, int | None]] = {}
        openings: list[Opening] = []
        for one in wave:
            number = next((answered[ref] for ref in _references(one) if ref in answered), None)
            if number is not None and one.message:
                await self._join(tx, number, one.mail, one.message)
                became[one.mail.id] = (Outcome.JOINED, number)
            else:
                openings.append(_opening(one))
        for opening, inquiry in zip(openings, await tx.inquiries.open(openings), strict=True):
            outcome = Outcome.OPENED if opening.readable else Outcome.UNREADABLE
            became[opening.mail] = (outcome, inquiry.number)
        return became

    async def _join(self, tx: Transaction, number: int, mail: StoredMail, message: Message) -> None:
        inquiry = await tx.inquiries.get(number)
        assert inquiry is not None
        change = inquiry.receive(message, Act(mail.raw.received_at, SOURCE))
        await tx.inquiries.receive(change, message, mail.id)

    def _count(self, ours: Sequence[ReadMail], became: dict[int, tuple[Outcome, int | None]]) -> None:
        for one in ours:
            outcome, _ = became[one.mail.id]
            self._meter.count("madoguchi_mails_total", outcome=outcome.value)
            if outcome in (Outcome.OPENED, Outcome.UNREADABLE):
                self._meter.count("madoguchi_inquiries_opened_total", queue=one.mail.queue)


def _is_robot(one: ReadMail) -> bool:
    return one.message is not None and one.message.is_robot


def _references(one: ReadMail) -> tuple[str, ...]:
    return one.message.references if one.message else ()


def _opening(one: ReadMail) -> Opening:
    raw = one.mail.raw
    if one.message is None:
        nothing = Message(subject="", from_address="", from_name="", text="", reply_text="")
        return Opening(one.mail.queue, nothing, raw.received_at, one.mail.id, readable=False)
    return Opening(one.mail.queue, one.message, raw.received_at, one.mail.id)


def _waves(mails: Sequence[ReadMail]) -> list[list[ReadMail]]:
    """Cut a batch so that a mail comes in a later wave than the mails of the batch that it answers."""
    waves: list[list[ReadMail]] = []
    wave_of: dict[str, int] = {}
    for one in mails:
        after = max((wave_of[ref] + 1 for ref in _references(one) if ref in wave_of), default=0)
        if len(waves) <= after:
            waves.append([])
        waves[after].append(one)
        if one.message and one.message.message_id:
            wave_of.setdefault(one.message.message_id, after)
    return waves
