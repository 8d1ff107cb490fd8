"""What mails lead to in their queue: each joins the inquiry that it answers, opens one, or is counted as a flood's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.events import Act
from bot.domain.inquiry import Inquiry
from bot.domain.message import Message
from bot.ports import Clock, Joining, Opening, Outcome, StoredMail, Transaction

FLOOD = 20
"""Inquiries that one sender may open in an hour; what comes beyond is counted on the newest of them."""
FLOOD_TIME = timedelta(hours=1)
LOOKS = 3
"""An answer of the team is looked at so often before it counts as unrelated: its question may still be on its way."""
SOURCE = "mail"

Became = dict[int, tuple[Outcome, int | None]]
"""What became of each mail, by its id, and the inquiry that it is part of."""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail with what it says, or None for one that cannot be read."""

    mail: StoredMail
    message: Message | None

    @property
    def references(self) -> tuple[str, ...]:
        """The Message-IDs that it answers, the nearest first."""
        return self.message.references if self.message else ()


class Threads:
    """The inquiries of one queue, seen by a batch of mail that comes in, in one transaction.

    What the store knows is asked once for the batch; joining is written at its end.
    """

    def __init__(self, tx: Transaction, queue: str, clock: Clock, flood: int) -> None:
        self._tx = tx
        self._queue = queue
        self._clock = clock
        self._flood = flood
        self._numbers: dict[str, int] = {}
        self._participants: dict[int, set[str]] = {}
        self._spoken_at: dict[int, datetime] = {}
        self._now: dict[int, Inquiry] = {}
        self._joinings: list[Joining] = []

    async def take(self, mails: Sequence[ReadMail]) -> Became:
        """Mail of people, with what the team sent among it; what came too early is left out of the answer.

        Raises Conflict when an inquiry changed meanwhile.
        """
        await self._look_up({reference for one in mails for reference in one.references})
        became: Became = {}
        for wave in _waves([one for one in mails if not one.mail.raw.sent]):
            became |= await self._joined_or_opened(wave)
        for one in mails:
            if one.mail.raw.sent and not self._is_early(one):
                became[one.mail.id] = self._answered(one)
        await self._write()
        return became

    async def _look_up(self, references: Collection[str]) -> None:
        threads = await self._tx.inquiries.answered_by(self._queue, references) if references else {}
        for reference, thread in threads.items():
            self._numbers[reference] = thread.number
            self._participants.setdefault(thread.number, set()).update(thread.participants)
            self._spoken_at[thread.number] = thread.spoken_at
        if self._participants:
            self._now.update(await self._tx.inquiries.all_of(self._participants))

    async def _joined_or_opened(self, wave: Sequence[ReadMail]) -> Became:
        became: Became = {}
        openings: list[Opening] = []
        for one in wave:
            number = self._thread(one)
            if number and one.message and one.message.from_address.lower() in self._participants[number]:
                self._join(number, one.message, one.mail)
                became[one.mail.id] = (Outcome.JOINED, number)
            else:
                openings.append(_opening(one, number))
        return became | await self._opened_or_folded(openings)

    def _join(self, number: int, message: Message, mail: StoredMail) -> None:
        change = self._now[number].receive(message, Act(mail.raw.received_at, SOURCE))
        self._now[number] = change.after
        self._joinings.append(Joining(change, message, mail.id))
        self._belongs(message, number, mail.raw.received_at)

    def _is_early(self, one: ReadMail) -> bool:
        """An answer to nothing that we know is left unread at first.

        After a downtime the folder of sent mail may be taken in before the one with the questions.
        """
        return bool(one.references) and self._thread(one) is None and one.mail.attempts < LOOKS

    def _answered(self, one: ReadMail) -> tuple[Outcome, int | None]:
        """What the team sent: an answer joins the inquiry that it answers; the rest is none of our business."""
        number = self._thread(one)
        if number is None or one.message is None:
            return Outcome.UNRELATED, None
        writer = one.message.from_name or one.message.from_address
        change = self._now[number].answer(Act(one.mail.raw.received_at, SOURCE), writer, self._spoken_at[number])
        self._now[number] = change.after
        self._joinings.append(Joining(change, one.message, one.mail.id, outgoing=True))
        return Outcome.ANSWER, number

    async def _opened_or_folded(self, openings: Sequence[Opening]) -> Became:
        """Open an inquiry for each, but not more than a sender may in an hour."""
        addresses = {_sender(one) for one in openings} - {""}
        since = self._clock() - FLOOD_TIME
        recent = await self._tx.inquiries.recent(self._queue, addresses, since) if addresses and self._flood else {}
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
        for one, inquiry in zip(accepted, await self._tx.inquiries.open(accepted), strict=True):
            became[one.mail] = (Outcome.OPENED if one.readable else Outcome.UNREADABLE, inquiry.number)
            newest[_sender(one)] = inquiry.number
            self._now[inquiry.number] = inquiry
            self._belongs(one.message, inquiry.number, one.received_at)
        for sender, flood in folded.items():
            became |= await self._folded(newest[sender], flood)
        return became

    async def _folded(self, number: int, flood: Sequence[Opening]) -> Became:
        """A flood's mails, counted on an inquiry as it stands after what joined it before."""
        await self._write()
        if number not in self._now:
            self._now.update(await self._tx.inquiries.all_of({number}))
        change = self._now[number].fold(len(flood), flood[-1].message, Act(flood[-1].received_at, SOURCE))
        await self._tx.inquiries.fold(change, [(one.message, one.mail) for one in flood])
        self._now[number] = change.after
        for one in flood:
            self._belongs(one.message, number, one.received_at)
        return {one.mail: (Outcome.FOLDED, number) for one in flood}

    async def _write(self) -> None:
        joinings, self._joinings = self._joinings, []
        await self._tx.inquiries.join(joinings)

    def _thread(self, one: ReadMail) -> int | None:
        return next((self._numbers[ref] for ref in one.references if ref in self._numbers), None)

    def _belongs(self, message: Message, number: int, at: datetime) -> None:
        """From now on the message is a part of the inquiry, and so are those whom it connects."""
        self._spoken_at[number] = max(at, self._spoken_at.get(number, at))
        if message.message_id:
            self._numbers[message.message_id] = number
        self._participants.setdefault(number, set()).update(message.participants)


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
        after = max((wave_of[ref] + 1 for ref in one.references if ref in wave_of), default=0)
        if len(waves) <= after:
            waves.append([])
        waves[after].append(one)
        if one.message and one.message.message_id:
            wave_of.setdefault(one.message.message_id, after)
    return waves
