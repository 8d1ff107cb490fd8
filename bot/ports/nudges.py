"""Nudges in the store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.events import Event
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Facts
from bot.domain.nudge import Nudge, NudgeOutcome, Rung, Told
from bot.ports.team import Handle, Place


@dataclass(frozen=True, slots=True)
class Case:
    """All that decides what is to be said of an inquiry."""

    inquiry: Inquiry
    events: tuple[Event, ...]
    facts: Facts
    told: Told


@dataclass(frozen=True, slots=True)
class Telling:
    """Where a nudge is told, and as whom. `agent`: to whom, by direct message; `after`: not before then."""

    place: Place
    rung: Rung
    after: datetime
    agent: int | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A nudge that is dealt with now, and where it is told. `text`: what somebody wanted to be reminded of."""

    number: int
    nudge: Nudge
    outcome: NudgeOutcome
    tellings: tuple[Telling, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What was worked out of an inquiry at the version `seen`. `next_at`: when something is to be done or said."""

    number: int
    seen: int
    policy: str = ""
    due_at: datetime | None = None
    due_target: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldNudge:
    """A line of a message: the nudge of an inquiry that it tells, and as whom. `agent`: to whom, by direct message.

    `noted_at`: when it was found to be due. `text`: what somebody wanted to be reminded of.
    """

    number: int
    nudge: Nudge
    rung: Rung
    noted_at: datetime
    text: str = ""
    agent: int | None = None


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """What a message tells: its first lines of `total`, one an inquiry and one a follow-up.

    What is due first comes first, and what is resolved last.
    """

    lines: tuple[ToldNudge, ...] = field(default=())
    total: int = 0


class Nudges(Protocol):
    """What is due, what was said of it, and to whom it is told. Times are the database's."""

    async def now(self) -> datetime:
        """The time by which all processes go."""
        ...

    async def facts(self, numbers: Collection[int], /) -> Mapping[int, Facts]:
        """What decides which levels these inquiries get."""
        ...

    async def untimed(self, limit: int, after: int = 0, /) -> list[int]:
        """Inquiries that changed since they were worked out, in order, beyond the number `after`; they are locked.

        What another process has locked is passed over, here and in `due`.
        """
        ...

    async def due(self, now: datetime, limit: int, passed: Collection[int] = (), /) -> list[int]:
        """Inquiries of which something is to be done or said by now, the earliest first, none of those `passed`."""
        ...

    async def cases(self, numbers: Collection[int], /) -> list[Case]:
        """These inquiries with all that decides what is to be said of them, in order, as far as there are such."""
        ...

    async def settle(
        self, noted: Sequence[Noted], timings: Sequence[Timing], now: datetime, redraw: Collection[int] = (), /
    ) -> list[Noted]:
        """Keep what was dealt with, put it on its way, and keep what was worked out; answers with what is new.

        A nudge that is there already is told no more. A timing counts while its inquiry is at the version seen. The
        messages of the last day that tell of the inquiries `redraw` are drawn anew.
        """
        ...

    async def handles(self) -> list[tuple[int, Handle]]:
        """Everybody of the team by number, with all their handles; by the first of somebody's they are told things."""
        ...

    async def unbound(self, now: datetime, /) -> list[Place]:
        """Places in which something is to be told by now that is in no message yet."""
        ...

    async def bind(self, place: Place, now: datetime, pace: timedelta, /) -> int:
        """Put all that is to be told in a place by now into one message; says how much it was.

        It joins the last one, if nobody has begun to send that. Nothing is done while the last one is on its way, or
        before `pace` has passed since it was posted.
        """
        ...

    async def told_by(self, message: int, limit: int, /) -> ToldMessage:
        """What the message with that id in the outbox tells."""
        ...
