"""Business hours: when a team is there, and how much of its time lies between two moments.

All moments are aware and come back in UTC; amounts are real time, so that an hour is an hour also on days whose
clocks are changed. Spans are clock times of one day: work over midnight is one span until midnight and one from it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

Span = tuple[time, time]
"""From when until when on one day, by the clocks there; 00:00 as the end is midnight."""
Moments = tuple[datetime, datetime]
"""A span in UTC."""

DAY = timedelta(days=1)
MIDNIGHT = time(0)
NOTHING = timedelta()
LONGEST_BREAK = 14
"""Months without an opening after which we say that there is none: no calendar closes for longer than a year."""
LONGEST_OPENING = 400
"""Spans in a row, each beginning as the last one ends, after which we say that the team never leaves."""
MONTHS_KEPT = 240
"""Months that are remembered once they were worked out; a month takes about 5 KB."""
LAST_YEAR = 9998


class NeverOpen(ValueError):
    """The hours hold no opening for LONGEST_BREAK months."""


class NeverCloses(ValueError):
    """The hours hold no end for LONGEST_OPENING spans in a row."""


class Time(Protocol):
    """Time that can be counted: that of a team, or of everybody."""

    def after(self, at: datetime, amount: timedelta) -> datetime: ...
    def between(self, since: datetime, until: datetime) -> timedelta: ...


class RealTime:
    """Time as it passes for everybody, nights and holidays included."""

    def after(self, at: datetime, amount: timedelta) -> datetime:
        """The moment by which so much time has passed since `at`."""
        return _in_utc(at) + max(amount, NOTHING)

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much time lies between two moments; nothing when they are in the wrong order."""
        return max(_in_utc(until) - _in_utc(since), NOTHING)


def never(_day: date) -> bool:
    """No day is a holiday."""
    return False


@dataclass(frozen=True, eq=False)
class BusinessHours:
    """When a team works. `week` holds the spans of each weekday (0: Monday), in order; between them are breaks.

    `is_holiday` tells public holidays (always the same of the same day), `closed` are closing days of the team's
    own, and `extra` are days with hours of their own, which count on holidays and closing days too. A clock time
    that is skipped is the moment at which the clocks are put forward; of one that is told twice, it is the first.

    Raises ValueError for spans that are empty or overlap, and KeyError for a time zone that nobody knows.
    """

    zone: str
    week: Mapping[int, tuple[Span, ...]]
    is_holiday: Callable[[date], bool] = never
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if unknown := set(self.week) - set(range(7)):
            raise ValueError(f"a week has the days 0 to 6, not {unknown}")
        for spans in (*self.week.values(), *self.extra.values()):
            _must_be_in_order(spans)

    def is_open(self, at: datetime) -> bool:
        """Whether the team is there; at the very end of a span it is not."""
        moment = _in_utc(at)
        return self.between(moment, moment + datetime.resolution) > NOTHING

    def opens(self, at: datetime) -> datetime:
        """`at` itself while the team is there, else the next opening. Raises NeverOpen."""
        moment = _in_utc(at)
        return max(moment, next(self._spans_from(moment))[0])

    def closes(self, at: datetime) -> datetime:
        """When the team leaves that is there at `at`, or that comes next. Raises NeverOpen and NeverCloses.

        A span that begins as the last one ends (at midnight, say) goes on with it.
        """
        _, end = next(self._spans_from(_in_utc(at)))
        for _ in range(LONGEST_OPENING):
            if not self.is_open(end):
                return end
            _, end = next(self._spans_from(end))
        raise NeverCloses(f"These hours never close: they go on without a break from {at:%Y-%m-%d}.")

    def after(self, at: datetime, amount: timedelta) -> datetime:
        """The first moment by which so much of the team's time has passed since `at`. Raises NeverOpen.

        An amount that is used up as the team leaves is reached then, not when it is back. None of it, or less: `at`
        itself, whether the team is there or not.
        """
        moment = _in_utc(at)
        if amount <= NOTHING:
            return moment
        left = amount
        for month in self._months_from(moment):
            gone = month.gone_by(moment)
            if month.total - gone >= left:
                return month.moment(gone + left)
            left -= month.total - gone
        raise AssertionError("the months never end")

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much of the team's time lies between two moments; nothing when they are in the wrong order."""
        first, last = _in_utc(since), _in_utc(until)
        if first >= last:
            return NOTHING
        # A day further, because clocks that are put back after midnight tell the end of the last day once more.
        start, end = self._day(first), self._day(last) + DAY
        months = (self._month(*divmod(number, 12)) for number in range(_number(start), _number(end) + 1))
        return sum((month.gone_by(last) - month.gone_by(first) for month in months), NOTHING)

    def spans(self, day: date) -> tuple[Moments, ...]:
        """When the team is there on a day, in UTC. What a change of clocks leaves nothing of is left out."""
        pairs = ((self._utc(day, start), self._end(day, end)) for start, end in self._hours(day))
        return tuple((start, end) for start, end in pairs if end > start)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _month(self) -> Callable[[int, int], "_Month"]:
        return lru_cache(MONTHS_KEPT)(self._worked_out)

    def _worked_out(self, year: int, month: int) -> "_Month":
        day, spans = date(year, month + 1, 1), list[Moments]()
        while day.month == month + 1:
            spans.extend(self.spans(day))
            day += DAY
        return _Month.of(spans)

    def _months_from(self, moment: datetime) -> Iterator["_Month"]:
        """The month of that moment, and all that follow, as long as there are openings."""
        number, empty = _number(self._day(moment)), 0
        while empty <= LONGEST_BREAK and number // 12 <= LAST_YEAR:
            month = self._month(*divmod(number, 12))
            yield month
            empty = 0 if month.total else empty + 1
            number += 1
        raise NeverOpen(f"These hours never open: there is no opening for a year from {moment:%Y-%m-%d} on.")

    def _spans_from(self, moment: datetime) -> Iterator[Moments]:
        """The span that the moment lies in, and all that follow."""
        for month in self._months_from(moment):
            first = bisect_right(month.ends, moment)
            yield from zip(month.starts[first:], month.ends[first:], strict=True)

    def _hours(self, day: date) -> tuple[Span, ...]:
        if day in self.extra:
            return self.extra[day]
        if day in self.closed or self.is_holiday(day):
            return ()
        return self.week.get(day.weekday(), ())

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _end(self, day: date, end: time) -> datetime:
        return self._utc(day + DAY, MIDNIGHT) if end == MIDNIGHT else self._utc(day, end)

    def _utc(self, day: date, clock: time) -> datetime:
        return clock_time(day, clock, self._zone)


@dataclass(frozen=True, slots=True)
class _Month:
    """The spans of a month, and how much of its time is gone as each of them starts and ends."""

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    gone_at_start: tuple[timedelta, ...]
    gone_at_end: tuple[timedelta, ...]
    total: timedelta

    @classmethod
    def of(cls, spans: list[Moments]) -> "_Month":
        gone = tuple(accumulate((end - start for start, end in spans), initial=NOTHING))
        return cls(tuple(start for start, _ in spans), tuple(end for _, end in spans), gone[:-1], gone[1:], gone[-1])

    def gone_by(self, moment: datetime) -> timedelta:
        number = bisect_right(self.starts, moment) - 1
        if number < 0:
            return NOTHING
        return self.gone_at_start[number] + min(moment, self.ends[number]) - self.starts[number]

    def moment(self, gone: timedelta) -> datetime:
        """When so much of it, more than nothing, is gone."""
        number = bisect_left(self.gone_at_end, gone)
        return self.starts[number] + gone - self.gone_at_start[number]


def clock_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clocks of a zone show that time of that day, in UTC.

    A time that is skipped is the moment at which the clocks are put forward; of one that is told twice, the first.
    """
    local = datetime.combine(day, clock, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _change(local.replace(fold=1).astimezone(UTC), moment, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between those two at which the clocks are put forward, found by halving, to the second."""
    low, high = before.replace(microsecond=0), after.replace(microsecond=0)
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high


def _in_utc(at: datetime) -> datetime:
    # Two moments of one zone are compared and subtracted by their clocks, which is wrong over a change of clocks.
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(UTC)


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _must_be_in_order(spans: tuple[Span, ...]) -> None:
    is_empty = any(end != MIDNIGHT and end <= start for start, end in spans)
    if is_empty or any(end == MIDNIGHT or start < end for (_, end), (start, _) in pairwise(spans)):
        said = ", ".join(f"{start:%H:%M} to {end:%H:%M}" for start, end in spans)
        raise ValueError(f"spans of a day must be in order, and must not be empty or overlap: {said}")
