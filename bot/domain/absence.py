"""Absences: when somebody of the team is away, and in which hours of their day they want quiet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.domain.agent import Agent
from bot.domain.hours import MIDNIGHT, BusinessHours, Span

REASON_LENGTH = 120
"""Characters of a reason that are kept."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which somebody is away: from `since` on, and back at `until`."""

    id: int
    agent: Agent
    since: datetime
    until: datetime
    reason: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether they are away at that moment."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Quiet:
    """Clock times of each day between which somebody is not reminded; over midnight when `until` is the earlier one.

    Raises ValueError when both are the same.
    """

    since: time
    until: time

    def __post_init__(self) -> None:
        if self.since == self.until:
            raise ValueError("quiet hours need an end that is not their beginning")

    def ends_after(self, at: datetime, zone: str) -> datetime | None:
        """When the quiet that holds at `at` ends, by the clocks of a time zone, in UTC; None: there is none then.

        A clock time that is skipped is the moment at which the clocks are put forward; of one that is told twice, it
        is the first. In a zone that this machine does not know, UTC counts.
        """
        hours = _hours(self.since, self.until, zone)
        return hours.closes(at) if hours.is_open(at) else None


@lru_cache(1000)
def _hours(since: time, until: time, zone: str) -> BusinessHours:
    """Quiet hours counted as business hours are: the changes of clocks are dealt with there."""
    spans: tuple[Span, ...] = ((since, until),)
    if until < since:
        spans = ((since, MIDNIGHT),) if until == MIDNIGHT else ((MIDNIGHT, until), (since, MIDNIGHT))
    week: Mapping[int, tuple[Span, ...]] = dict.fromkeys(range(7), spans)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # the last: a name such as "." or one far too long
        zone = "UTC"
    return BusinessHours(zone, week)
