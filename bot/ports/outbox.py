"""Notices on their way, and where the cards that they brought stand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.notices import NoticeKind
from bot.ports.chat import MessageRef
from bot.ports.team import Place


@dataclass(frozen=True, slots=True)
class Sending:
    """A notice taken from the outbox to be sent. `unclear_since`: an earlier try began then; look for it first.

    `stands` is where it was sent to before, as far as that is remembered.
    """

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
    stands: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the outbox stands. `oldest` is the due time of the oldest notice that still waits."""

    pending: int
    ambiguous: int
    refused: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Parked:
    """A notice that a platform refused, with its reason. `number` None: it is about no single inquiry."""

    number: int | None
    place: Place
    reason: str


class Outbox(Protocol):
    """Notices on their way. Times are the database's."""

    async def due(self) -> list[Place]:
        """Places for which something may be sent now."""
        ...

    async def urgent(self) -> list[Place]:
        """Places for which a whisper may be sent now; quick, however much else waits."""
        ...

    async def take(
        self, place: Place, owner: str, lease: timedelta, limit: int, *, urgent: bool = False
    ) -> list[Sending]:
        """Take the next notices of a place, whispers first, then in order for each inquiry; `urgent`: whispers alone.

        What a dead owner had taken is unclear.
        """
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

    async def alarm(self, sending: Sending) -> None:
        """Tell every supervisor that a notice was refused: once a day for its place, and by another platform if any."""
        ...

    async def lately(self, platform: str, since: timedelta) -> list[Place]:
        """Where something was sent, or may have been, so lately."""
        ...

    async def retry_refused(self, place: Place | None = None) -> int:
        """Give parked notices another try; says how many."""
        ...

    async def backlog(self) -> Backlog: ...

    async def parked(self, limit: int, place: Place | None = None) -> list[Parked]:
        """The notices that were refused, in one place or in all, the newest first."""
        ...


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
