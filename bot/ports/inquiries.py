"""The inquiries in the store, with their events and messages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.events import Act, Event
from bot.domain.inquiry import Change, Inquiry
from bot.domain.message import Message


@dataclass(frozen=True, slots=True)
class Opening:
    """A message that opens an inquiry. `readable` is False for a mail that nobody could parse.

    `related` is the inquiry that the message claims to answer, though its sender has no part in it.
    """

    queue: str
    message: Message
    received_at: datetime
    mail: int
    readable: bool = True
    related: int | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """A message that joins an inquiry, and the change that it made. `outgoing`: the team wrote it."""

    change: Change
    message: Message
    mail: int
    outgoing: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as stored: which inquiry it belongs to, and the inquiry's version that it led to.

    `outgoing`: the team wrote it to the customer.
    """

    number: int
    version: int
    at: datetime
    message: Message
    outgoing: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The inquiry that a Message-ID belongs to, and the addresses (in lower case) that have a part in it.

    `spoken_at`: when the customer wrote last.
    """

    number: int
    participants: frozenset[str]
    spoken_at: datetime


@dataclass(frozen=True, slots=True)
class Recent:
    """How many inquiries a sender has opened lately, and the newest of them."""

    count: int
    newest: int


class Inquiries(Protocol):
    """The inquiries, with their events and messages."""

    async def get(self, number: int) -> Inquiry | None: ...

    async def all_of(self, numbers: Collection[int]) -> Mapping[int, Inquiry]:
        """These inquiries by their numbers, as far as there are such."""
        ...

    async def save(self, change: Change) -> None:
        """Write the changed row, its event and the notices in one piece.

        Raises Conflict when the inquiry is no longer at the version that the change began from.
        """
        ...

    async def open(self, openings: Sequence[Opening]) -> list[Inquiry]:
        """Open an inquiry for each, with its customer, message, event and notices, in order."""
        ...

    async def record(self, queue: str, message: Message, act: Act, customer: int | None = None, /) -> Inquiry:
        """Open an inquiry that somebody of the team writes down, for a customer who did not send it as a mail.

        It is that customer's if one is given and was not erased, whoever the message's address says.
        """
        ...

    async def join(self, joinings: Sequence[Joining]) -> None:
        """Save the changes that messages made, and the messages with them. Raises Conflict.

        Of two that join one inquiry, the later began from the earlier.
        """
        ...

    async def fold(self, change: Change, messages: Sequence[tuple[Message, int]]) -> None:
        """Save a change that a flood made, with each message and its mail. Raises Conflict."""
        ...

    async def answered_by(self, queue: str, message_ids: Collection[str]) -> Mapping[str, Thread]:
        """Which inquiry of the queue each of these Message-IDs belongs to."""
        ...

    async def recent(self, queue: str, addresses: Collection[str], since: datetime) -> Mapping[str, Recent]:
        """What each of these senders (in lower case) has opened since then."""
        ...

    async def waiting(self, queue: str | None, offset: int, limit: int) -> tuple[list[Inquiry], int]:
        """Unresolved inquiries, unclaimed first and the oldest first, and how many there are in all."""
        ...

    async def waiting_since(self, before: datetime, limit: int) -> list[Inquiry]:
        """Those whose customers have waited since before then, the longest first."""
        ...

    async def overdue(self, now: datetime, limit: int) -> list[Inquiry]:
        """Those that were due before now, the longest first."""
        ...

    async def held_by(self, agent: int, /) -> list[Inquiry]:
        """What somebody holds and has not resolved."""
        ...

    async def abandoned(self) -> list[Inquiry]:
        """What is not resolved and held by somebody who is no longer of the team."""
        ...

    async def timeline(self, number: int) -> list[Event]: ...

    async def letters(self, number: int) -> list[Letter]:
        """The messages, the oldest first."""
        ...
