"""Mailboxes, the reader of mails, and the raw mail that the store keeps."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.message import Message, RawMail


class ReaderDown(Exception):
    """No mail can be read for now, which says nothing about any one of them: try again later."""


class ReadingLost(Exception):
    """A reading that was cut short: it took too long, or too much memory, or its process died. Says why.

    `again` reads the mail once more, alone and beside all other readings; it raises ReaderDown.
    """

    again: Callable[[], Message | Exception]


class Reader(Protocol):
    """Reads raw mails, for callers in any thread."""

    def read_all(self, contents: Sequence[bytes]) -> Sequence[Message | Exception]:
        """What each mail says, or why it cannot be read: ReadingLost may turn out well later. Raises ReaderDown."""
        ...


class Inbox(Protocol):
    """A mailbox that hands over new mail in batches and keeps each until told that it is safe."""

    @property
    def name(self) -> str: ...

    @property
    def queue(self) -> str:
        """The name of the queue that its mail belongs to."""
        ...

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        ...

    def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        """New mail as it comes; waits for ever, until cancelled."""
        ...

    async def done(self, batch: Sequence[RawMail]) -> None:
        """The batch's bytes are committed: the mailbox may flag them as taken."""
        ...


class Outcome(StrEnum):
    """What became of a mail. ANSWER and UNRELATED are mails that the team sent: to an inquiry, and to none.

    ERASED: its bytes were erased before, and it came once more; nothing of it was kept.
    """

    OPENED = "opened"
    JOINED = "joined"
    ROBOT = "robot"
    UNREADABLE = "unreadable"
    FOLDED = "folded"
    ANSWER = "answer"
    UNRELATED = "unrelated"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A raw mail that is safe with us and not yet read. `attempts` counts the readings begun."""

    id: int
    queue: str
    raw: RawMail
    attempts: int


@dataclass(frozen=True, slots=True)
class MailRecord:
    """A mail for lists: where it came in, and what became of it (None: still to be read)."""

    id: int
    mailbox: str
    received_at: datetime
    outcome: Outcome | None
    number: int | None
    sender: str
    subject: str


class Mails(Protocol):
    """Raw mail."""

    async def store(self, queue: str, batch: Sequence[RawMail]) -> list[StoredMail]:
        """Keep the bytes; mails known by their identity, and those that were erased, are left out of the answer."""
        ...

    async def unread(self, since: timedelta, limit: int) -> list[int]:
        """The ids of mails that are unread and that nobody began to read for so long.

        The oldest first, but those that were tried twice come last: one of them may be what ended us.
        """
        ...

    async def attempt(self, mail: int, since: timedelta, /) -> StoredMail | None:
        """Begin one more reading of such a mail, and hand it over; None when somebody else was quicker."""
        ...

    async def lock(self, mails: Collection[int]) -> set[int]:
        """Those of the mails that are still unread and not being settled by another process."""
        ...

    async def settle(self, outcomes: Mapping[int, tuple[Outcome, int | None]], messages: Mapping[int, Message]) -> None:
        """Say what became of each mail, and of which inquiry it is part.

        Raises Conflict when somebody else has said so of one of them.
        """
        ...

    async def listed(self, outcome: Outcome | None, limit: int) -> list[MailRecord]:
        """The newest mails, of one outcome or of any."""
        ...

    async def offer(self, number: int, agent: int, lasts: timedelta, /) -> list[tuple[MailRecord, str]]:
        """Let an agent download the raw mails of an inquiry for a while: each with the token that fetches it."""
        ...

    async def offered(self, token: str) -> bytes | None:
        """The raw mail that a token stands for; None when there is no such offer, or no longer."""
        ...

    async def set_aside(self, since: datetime) -> int:
        """How many mails were recognised as a robot's since then."""
        ...
