"""The inquiries in the store, with their events and messages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.events import Event
from bot.domain.inquiry import Change, Inquiry
from bot.domain.message import Message


@dataclass(frozen=True, slots=True)
class Opening:
    """A message that opens an inquiry. `readable` is False for a mail that nobody could parse."""

    queue: str
    message: Message
    received_at: datetime
    mail: int
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as stored: which inquiry it belongs to, and the inquiry's version that it led to."""

    number: int
    version: int
    at: datetime
    message: Message


class Inquiries(Protocol):
    """The inquiries, with their events and messages."""

    async def get(self, number: int) -> Inquiry | None: ...

    async def save(self, change: Change) -> None:
        """Write the changed row, its event and the notices in one piece.

        Raises Conflict when the inquiry is no longer at the version that the change began from.
        """
        ...

    async def open(self, openings: Sequence[Opening]) -> list[Inquiry]:
        """Open an inquiry for each, with its customer, message, event and notices, in order."""
        ...

    async def receive(self, change: Change, message: Message, mail: int, /) -> None:
        """Save a change that a customer's message made, and the message with it. Raises Conflict."""
        ...

    async def answered_by(self, queue: str, message_ids: Collection[str]) -> Mapping[str, int]:
        """Which inquiry of the queue each of these Message-IDs belongs to."""
        ...

    async def waiting(self, queue: str | None, offset: int, limit: int) -> tuple[list[Inquiry], int]:
        """Unresolved inquiries, unclaimed first and the oldest first, and how many there are in all."""
        ...

    async def held_by(self, agent: int, /) -> list[Inquiry]:
        """What somebody holds and has not resolved."""
        ...

    async def timeline(self, number: int) -> list[Event]: ...

    async def letters(self, number: int) -> list[Letter]:
        """The customer's messages, the oldest first."""
        ...
