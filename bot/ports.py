"""What the core needs from outside: narrow protocols that adapters and the storage fill."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.chat.card import Card, Choice
from bot.chat.invocation import Answer, Invocation
from bot.domain.agent import Agent, Role
from bot.domain.events import Event
from bot.domain.inquiry import Change, Inquiry
from bot.domain.message import Message, RawMail
from bot.notices import NoticeKind

Clock = Callable[[], datetime]
"""Tells the time, always aware."""

Reader = Callable[[bytes], Message]
"""Reads a raw mail; may raise on one that cannot be read."""


# --- chat -----------------------------------------------------------------------------------------------


class SendError(Exception):
    """A message did not go out as asked.

    SendError
      NotSent      surely not sent: try again later
      Unclear      nobody knows: look before sending again
      Refused      the platform said no and will say no again: a person must mend something
      MessageGone  the message to change exists no longer
    """


class NotSent(SendError):
    """Surely not sent. `retry_after` says how many seconds the platform asked us to wait, if it did."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Unclear(SendError):
    """The answer was lost: the message may or may not have gone out."""


class Refused(SendError):
    """The platform refuses it, in its own words; sending again would not help."""


class MessageGone(SendError):
    """The message to change has been deleted."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a platform allows and offers: posts per second in one channel, with bursts, and how it settles.

    An unclear post is looked for `settle` after it began, and again `settle` later, before it is sent again.
    """

    per_second: float
    burst: int
    settle: timedelta


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message stands on its platform."""

    channel: str
    message: str


class Desk(Protocol):
    """What a chat platform may ask of the core."""

    async def call(self, invocation: Invocation) -> Answer:
        """Carry out a command; never raises, the answer says in words what went wrong."""
        ...

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        """Values for an option that fit what was typed so far."""
        ...


class ChatPlatform(Protocol):
    """A place where the team talks. A channel that begins with @ is the direct messages of that person."""

    @property
    def name(self) -> str: ...

    @property
    def pace(self) -> Pace: ...

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        ...

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        """Post a card; `key` marks it so that `find` knows it again. Raises SendError."""
        ...

    async def update(self, message: MessageRef, card: Card) -> None:
        """Put a card's new state where it stands. Raises SendError."""
        ...

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        """Post a card in the thread under a message. Raises SendError."""
        ...

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        """Send a card to one person by direct message. Raises SendError."""
        ...

    async def find(self, channel: str, key: str, since: datetime) -> MessageRef | None:
        """The message that carries `key`, posted after `since` into the channel or one of its threads."""
        ...

    async def run(self, desk: Desk) -> None:
        """Serve the platform's people until cancelled."""
        ...


# --- mail -----------------------------------------------------------------------------------------------


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


# --- storage --------------------------------------------------------------------------------------------


class StoreDown(Exception):
    """The database cannot be reached or cannot write: nothing was changed; try again later."""


class Outcome(StrEnum):
    """What became of a mail."""

    OPENED = "opened"
    JOINED = "joined"
    ROBOT = "robot"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A raw mail that is safe with us and not yet read. `attempts` counts the readings begun."""

    id: int
    queue: str
    raw: RawMail
    attempts: int


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


class Mails(Protocol):
    """Raw mail."""

    async def store(self, queue: str, batch: Sequence[RawMail]) -> list[StoredMail]:
        """Keep the bytes; mails known by their identity are left out of the answer."""
        ...

    async def unread(self, since: timedelta, limit: int) -> list[int]:
        """The ids of mails that are unread and that nobody began to read for so long, the oldest first."""
        ...

    async def attempt(self, mail: int, since: timedelta, /) -> StoredMail | None:
        """Begin one more reading of such a mail, and hand it over; None when somebody else was quicker."""
        ...

    async def lock(self, mails: Collection[int]) -> set[int]:
        """Those of the mails that are still unread and not being settled by another process."""
        ...

    async def settle(self, outcomes: Mapping[int, tuple[Outcome, int | None]], messages: Mapping[int, Message]) -> None:
        """Say what became of each mail, and of which inquiry it is part."""
        ...

    async def listed(self, outcome: Outcome | None, limit: int) -> list[MailRecord]:
        """The newest mails, of one outcome or of any."""
        ...

    async def set_aside(self, since: datetime) -> int:
        """How many mails were recognised as a robot's since then."""
        ...


@dataclass(frozen=True, slots=True)
class Handle:
    """Who somebody is on a platform."""

    platform: str
    user: str


class Agents(Protocol):
    """The team."""

    async def by_handle(self, handle: Handle, /) -> Agent | None: ...

    async def all(self) -> list[Agent]:
        """Everybody who has a role, by name."""
        ...

    async def handles(self, agent: int, /) -> list[Handle]: ...

    async def enrol(self, handle: Handle, name: str, role: Role | None, language: str, time_zone: str) -> Agent:
        """Make somebody of a platform an agent or supervisor, or (None) no longer one; others keep their name."""
        ...

    async def speak(self, agent: int, language: str, /) -> None:
        """Remember the language in which somebody wants to be answered."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A channel on a platform."""

    platform: str
    channel: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of inquiries: the channels that show its cards, in one language and time zone."""

    name: str
    language: str
    time_zone: str
    places: tuple[Place, ...] = ()


class Queues(Protocol):
    """The queues and where they show."""

    async def get(self, name: str) -> Queue | None: ...

    async def all(self) -> list[Queue]: ...

    async def add(self, name: str, language: str, time_zone: str) -> None:
        """Make a queue, if it is not there."""
        ...

    async def show(self, name: str, place: Place) -> bool:
        """Show a queue's cards in one more channel, the open ones at once; False: it does already."""
        ...

    async def hide(self, name: str, place: Place) -> bool:
        """Show a queue's new cards there no longer; False: it did not."""
        ...


@dataclass(frozen=True, slots=True)
class Sending:
    """A notice taken from the outbox to be sent. `unclear_since`: an earlier try began then; look for it first."""

    id: int
    key: str
    kind: NoticeKind
    number: int
    version: int
    agent: int | None
    place: Place
    attempts: int
    looks: int
    revision: int
    taken_at: datetime
    created_at: datetime
    unclear_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the outbox stands. `oldest` is the due time of the oldest notice that still waits."""

    pending: int
    ambiguous: int
    refused: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Parked:
    """A notice that a platform refused, with its reason."""

    number: int
    place: Place
    reason: str


class Outbox(Protocol):
    """Notices on their way. Times are the database's."""

    async def due(self) -> list[Place]:
        """Places for which something may be sent now."""
        ...

    async def take(self, place: Place, owner: str, lease: timedelta, limit: int) -> list[Sending]:
        """Take the next notices of a place, in order for each inquiry; what a dead owner had taken is unclear."""
        ...

    async def next_due(self) -> datetime | None:
        """When something waits for its time, the earliest."""
        ...

    async def sent(self, sending: Sending, owner: str, at: MessageRef | None) -> None:
        """It is out, and stands there; if the inquiry changed meanwhile, the card is due once more."""
        ...

    async def later(self, sending: Sending, owner: str, wait: timedelta, reason: str) -> None:
        """Surely not sent: try again after `wait`."""
        ...

    async def give_back(self, sending: Sending, owner: str) -> None:
        """Not begun: it is due as it was before it was taken."""
        ...

    async def redraw(self, number: int, place: Place) -> None:
        """An inquiry's card has to be put into a place once more, before whatever follows it there."""
        ...

    async def unclear(self, sending: Sending, owner: str, wait: timedelta, since: datetime, looks: int) -> None:
        """Nobody knows: look after `wait` for what was begun at `since`, and looked for `looks` times."""
        ...

    async def orphaned(self) -> int:
        """No other process can be sending: what is leased is free at once, and unclear. Says how many."""
        ...

    async def refuse(self, sending: Sending, owner: str, reason: str) -> None:
        """Park it: a person must mend something."""
        ...

    async def retry_refused(self, place: Place | None = None) -> int:
        """Give parked notices another try; says how many."""
        ...

    async def backlog(self) -> Backlog: ...

    async def parked(self, limit: int) -> list[Parked]: ...


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an inquiry's card stands in one place; `generation` counts the cards posted there so far."""

    ref: MessageRef | None
    generation: int


class Placements(Protocol):
    """Which message shows which inquiry."""

    async def of(self, number: int, place: Place) -> Placement | None: ...

    async def inquiry_at(self, platform: str, channel: str, message: str) -> int | None:
        """The inquiry whose card a message is."""
        ...

    async def lost(self, number: int, place: Place) -> None:
        """The card has been deleted there: the next one is a new message."""
        ...


class Transaction(Protocol):
    """One unit of work: leaving it commits, raising rolls back."""

    @property
    def inquiries(self) -> Inquiries: ...
    @property
    def mails(self) -> Mails: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def placements(self) -> Placements: ...


class Store(Protocol):
    """The database."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Read and write. Raises StoreDown. No network may be waited for inside."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """Read only, beside whoever writes. Raises StoreDown."""
        ...


# --- operations -----------------------------------------------------------------------------------------


class Meter(Protocol):
    """Counts what happens, for operators."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None: ...

    def observe(self, name: str, seconds: float, **labels: str) -> None: ...
