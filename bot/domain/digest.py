"""Digests: how a queue stands in the morning and in the evening of its team's days, and how that changed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.hours import DAY, MIDNIGHT, BusinessHours, clock_time

LATE = timedelta(hours=4)
"""So long after an opening it is still morning, and after a closing still evening; later, no digest is told."""


class Part(StrEnum):
    """When a digest is told: at the first opening of a business day, and at its last closing."""

    MORNING = "morning"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class Slot:
    """One digest's place in time: the team's day, and its part."""

    day: date
    part: Part


def slot_at(hours: BusinessHours, now: datetime, since: datetime | None = None) -> Slot | None:
    """The digest whose time it is; None between them, and for one whose time began before `since`.

    It is morning from the first opening of a day for LATE, or until the last closing; evening from then for LATE, or
    until the next day's opening: a team that never leaves has no evening.
    """
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    for day in (today, today - DAY):
        spans = hours.spans(day)
        if not spans:
            continue
        opening, closing = spans[0][0], spans[-1][1]
        if opening <= now < min(opening + LATE, closing):
            return Slot(day, Part.MORNING) if since is None or since <= opening else None
        following = hours.spans(day + DAY)
        if closing <= now < min([closing + LATE, *(start for start, _ in following[:1])]):
            return Slot(day, Part.EVENING) if since is None or since <= closing else None
    return None


def end_of_day(now: datetime, zone: str) -> datetime:
    """The midnight that ends the day in a zone."""
    there = ZoneInfo(zone)
    return clock_time(now.astimezone(there).date() + DAY, MIDNIGHT, there)


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has, or (`agent` None) nobody: open inquiries, of which so many are overdue, due today, waiting.

    One that is overdue or due today does not count as waiting.
    """

    agent: int | None
    name: str
    open: int
    overdue: int = 0
    today: int = 0
    waiting: int = 0

    @property
    def rest(self) -> int:
        """Those that are none of these."""
        return self.open - self.overdue - self.today - self.waiting


@dataclass(frozen=True, slots=True)
class Figures:
    """How a queue stands. `new` and `resolved` count since the digest before, or the day before."""

    overdue: int = 0
    today: int = 0
    unclaimed: int = 0
    on_customer: int = 0
    on_third_party: int = 0
    open: int = 0
    new: int = 0
    resolved: int = 0
    loads: tuple[Load, ...] = ()

    def written(self) -> dict[str, Any]:
        """As plain values, to be kept."""
        return asdict(self) | {"loads": [asdict(load) for load in self.loads]}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Figures":
        """What `written` wrote."""
        return cls(**{**written, "loads": tuple(Load(**load) for load in written["loads"])})


@dataclass(frozen=True, slots=True)
class Digest:
    """How a queue stood at a moment. A `slot` of None: somebody asked in between, and nobody kept it."""

    queue: str
    slot: Slot | None
    at: datetime
    figures: Figures = Figures()

    def is_late(self, now: datetime) -> bool:
        """Whether it is too late to tell it: it would be one of a pile."""
        return now >= self.at + LATE


@dataclass(frozen=True, slots=True)
class Trend:
    """How the numbers changed since the digest `before`: so many more or, less than nothing, fewer."""

    before: datetime
    is_yesterdays: bool
    overdue: int
    open: int


def trend(now: Digest, before: Digest | None) -> Trend | None:
    """How the numbers changed since then; None when there is nothing to compare them with."""
    if before is None:
        return None
    is_yesterdays = bool(now.slot and before.slot and now.slot.day - before.slot.day == DAY)
    overdue, total = (getattr(now.figures, name) - getattr(before.figures, name) for name in ("overdue", "open"))
    return Trend(before.at, is_yesterdays, overdue, total)


def counted_since(before: Digest | None, now: datetime) -> datetime:
    """From when on what is new counts: the digest before, or a day ago."""
    return before.at if before else now - DAY
