"""What an audit of the nudges asks the store for: what happened, what was noted, and what was told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.events import Event
from bot.domain.inquiry import Inquiry
from bot.domain.nudge import NudgeOutcome


@dataclass(frozen=True, slots=True)
class Entry:
    """A nudge in the ledger. `tellings`: to how many places it goes; `lost`: by messages that are not there."""

    number: int
    key: str
    outcome: NudgeOutcome
    noted_at: datetime
    tellings: int
    lost: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the engine of the nudges stands: how many inquiries are due, since when the oldest is; None when none is."""

    due: int
    oldest: datetime | None
    now: datetime

    @property
    def lag(self) -> float:
        """Seconds for which the oldest has been due."""
        return max((self.now - self.oldest).total_seconds(), 0.0) if self.oldest else 0.0


class Audits(Protocol):
    """What was due, and what became of it. Times are the database's."""

    async def now(self) -> datetime:
        """The database's time."""
        ...

    async def open_after(self, number: int, limit: int) -> list[Inquiry]:
        """Inquiries that are not resolved, from the next after that number on."""
        ...

    async def timelines(self, numbers: Collection[int]) -> Mapping[int, Sequence[Event]]:
        """What happened to each, in order."""
        ...

    async def noted(self, numbers: Collection[int]) -> Sequence[Entry]:
        """What the ledger holds of these."""
        ...

    async def standing(self) -> Standing:
        """How the engine stands, at a cost in proportion to what is due."""
        ...

    async def untimed_since(self, before: datetime, limit: int) -> Sequence[int]:
        """Inquiries that changed before then, and whose next nudge was not worked out since."""
        ...

    async def unbound(self, before: datetime, limit: int) -> Sequence[int]:
        """Inquiries of which somebody should have been told before then, by no message yet.

        Where the last message of nudges is not through, the next is knowingly held, and the outbox tells of it.
        """
        ...

    async def forgotten(self, before: datetime, limit: int) -> Sequence[int]:
        """Inquiries of which somebody wanted to be reminded before then, and was not."""
        ...

    async def alarm(self, first: int, count: int) -> None:
        """Tell every supervisor that so many nudges are missing: one message a day for each, drawn anew after that.

        `first` is an inquiry of which one is missing; none is missing any more when `count` is 0.
        """
        ...
