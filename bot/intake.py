"""Messages arrived: kept raw, read, and made inquiries, or added to those that they answer; a batch at a time."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import Conflict
from bot.domain.events import Act
from bot.domain.inquiry import Inquiry
from bot.domain.message import Message, RawMail
from bot.ports import (
    Clock,
    Inbox,
    Meter,
    Opening,
    Outcome,
    Reader,
    ReaderDown,
    Store,
    StoredMail,
    StoreDown,
    Thread,
    Transaction,
)

READINGS = 3
"""A mail whose reading was begun this often and never ended becomes an "unreadable mail" card."""
ATTEMPTS = 5
BATCH = 100
PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds to wait for a database that does not take mail: at first, and at most."""
FLOOD = 20
"""Inquiries that one sender may open in an hour; what comes beyond is counted on the newest of them."""
FLOOD_TIME = timedelta(hours=1)
READING_TIME = timedelta(seconds=60)
"""A mail whose reading began longer ago than this was left by a process that died."""

SOURCE = "mail"

log = logging.getLogger(__name__)

Became = dict[int, tuple[Outcome, int | None]]
"""What became of each mail, by its id, and the inquiry that it is part of."""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail with what it says, or None for one that cannot be read."""

    mail: StoredMail
    message: Message | None


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

    async def _read_and_settled(self, stored: Sequence[StoredMail]) -> None:
        try:
            await self.take(await self._read(stored))
        except (StoreDown, ReaderDown) as error:
            log.error("mail is stored but waits to be read", extra={"mails": len(stored), "why": str(error)})

    async def _read(self, stored: Sequence[StoredMail]) -> list[ReadMail]:
        """What each mail says; one that readings never came to the end of is not read again. Raises ReaderDown."""
        readable = [mail for mail in stored if mail.attempts <= READINGS]
        said = await asyncio.to_thread(self._reader.read_all, [mail.raw.content for mail in readable])
        messages = {mail.id: _understood(mail, one) for mail, one in zip(readable, said, strict=True)}
        return [ReadMail(mail, messages.get(mail.id)) for mail in stored]

    async def _settle(self, mails: Sequence[ReadMail]) -> None:
        async with self._store.transaction() as tx:
            locked = await tx.mails.lock([one.mail.id for one in mails])
            ours = [one for one in mails if one.mail.id in locked]
            outcomes = {one.mail.id: (Outcome.ROBOT, None) for one in ours if _is_robot(one)}
            became: Became = {**outcomes}
            for queue in sorted({one.mail.queue for one in ours}):
                people = [one for one in ours if one.mail.queue == queue and not _is_robot(one)]
                for wave in _waves([one for one in people if not one.mail.raw.sent]):
                    became |= await self._joined_or_opened(tx, queue, wave)
                became |= await self._answers(tx, queue, [one for one in people if one.mail.raw.sent])
            await tx.mails.settle(became, {one.mail.id: one.message for one in ours if one.message})
        self._count(ours, became)

    async def _joined_or_opened(self, tx: Transaction, queue: str, wave: Sequence[ReadMail]) -> Became:
        threads = await _threads(tx, queue, wave)
        became: Became = {}
        openings: list[Opening] = []
        for one in wave:
            thread = _thread(one, threads)
            if thread and one.message and one.message.from_address.lower() in thread.participants:
                change = (await _inquiry(tx, thread.number)).receive(one.message, Act(one.mail.raw.received_at, SOURCE))
                await tx.inquiries.receive(change, one.message, one.mail.id)
                became[one.mail.id] = (Outcome.JOINED, thread.number)
            else:
                openings.append(_opening(one, thread.number if thread else None))
        return became | await self._opened_or_folded(tx, queue, openings)

    async def _opened_or_folded(self, tx: Transaction, queue: str, openings: Sequence[Opening]) -> Became:
        """Open an inquiry for each, but not more than a sender may in an hour."""
        addresses = {_sender(one) for one in openings} - {""}
        since = self._clock() - FLOOD_TIME
        recent = await tx.inquiries.recent(queue, addresses, since) if addresses and self._flood else {}
        counts = {address: recent[address].count if address in recent else 0 for address in addresses}
        newest = {address: one.newest for address, one in recent.items()}
        accepted: list[Opening] = []
        folded: dict[str, list[Opening]] = {}
        for one in openings:
            sender = _sender(one)
            if sender and self._flood and counts[sender] >= self._flood:
                folded.setdefault(sender, []).append(one)
            else:
                counts[sender] = counts.get(sender, 0) + 1
                accepted.append(one)
        became: Became = {}
        for one, inquiry in zip(accepted, await tx.inquiries.open(accepted), strict=True):
            became[one.mail] = (Outcome.OPENED if one.readable else Outcome.UNREADABLE, inquiry.number)
            newest[_sender(one)] = inquiry.number
        for sender, flood in folded.items():
            inquiry = await _inquiry(tx, newest[sender])
            change = inquiry.fold(len(flood), flood[-1].message, Act(flood[-1].received_at, SOURCE))
            await tx.inquiries.fold(change, [(one.message, one.mail) for one in flood])
            became |= {one.mail: (Outcome.FOLDED, inquiry.number) for one in flood}
        return became

    async def _answers(self, tx: Transaction, queue: str, sent: Sequence[ReadMail]) -> Became:
        """What the team sent: an answer joins the inquiry that it answers; the rest is none of our business."""
        threads = await _threads(tx, queue, sent)
        became: Became = {}
        for one in sent:
            thread = _thread(one, threads)
            if thread is None or one.message is None:
                became[one.mail.id] = (Outcome.UNRELATED, None)
                continue
            writer = one.message.from_name or one.message.from_address
            change = (await _inquiry(tx, thread.number)).answer(Act(one.mail.raw.received_at, SOURCE), writer)
            await tx.inquiries.receive(change, one.message, one.mail.id, outgoing=True)
            became[one.mail.id] = (Outcome.ANSWER, thread.number)
        return became

    def _count(self, ours: Sequence[ReadMail], became: Became) -> None:
        for one in ours:
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


def _references(one: ReadMail) -> tuple[str, ...]:
    return one.message.references if one.message else ()


async def _threads(tx: Transaction, queue: str, mails: Sequence[ReadMail]) -> Mapping[str, Thread]:
    references = {ref for one in mails for ref in _references(one)}
    return await tx.inquiries.answered_by(queue, references) if references else {}


def _thread(one: ReadMail, threads: Mapping[str, Thread]) -> Thread | None:
    return next((threads[ref] for ref in _references(one) if ref in threads), None)


async def _inquiry(tx: Transaction, number: int) -> Inquiry:
    inquiry = await tx.inquiries.get(number)
    assert inquiry is not None
    return inquiry


def _sender(opening: Opening) -> str:
    return opening.message.from_address.lower()


def _opening(one: ReadMail, related: int | None = None) -> Opening:
    raw = one.mail.raw
    if one.message is None:
        nothing = Message(subject="", from_address="", from_name="", text="", reply_text="")
        return Opening(one.mail.queue, nothing, raw.received_at, one.mail.id, readable=False)
    return Opening(one.mail.queue, one.message, raw.received_at, one.mail.id, related=related)


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
