"""Leave: from when until when somebody is away, as people type it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.errors import Refusal
from bot.domain.hours import DAY, MIDNIGHT, clock_time
from bot.domain.when import moment

NOW = ("now", "今", "いま", "今から", "いまから")


@dataclass(frozen=True, slots=True)
class Leave:
    """A time in which somebody will be away, and why."""

    since: datetime
    until: datetime
    reason: str


def leave(since: str, until: str, reason: str, now: datetime, zone: str) -> Leave:
    """Read "2026-12-28 2027-01-04 holiday", "today", "now 15:00", "12/28 13:00 17:00 dentist", by the clocks of `zone`.

    Days are whole, the last one too. Without an end it is the end of the day; "now" is `now`, and what lies before it
    is over. Words without a digit where an end could stand are the reason already.

    Raises Refusal for what cannot be read, what is over, and an end that does not come after the beginning.
    """
    begin, end, why = _regrouped(since, until, reason, now, zone)
    first = _begins(begin, now, zone)
    if end and _ends(end, first, now, zone) is None and not any(one.isdecimal() for one in end):
        end, why = "", f"{end} {why}"
    last = _ends(end, first, now, zone) if end else _after(first.astimezone(ZoneInfo(zone)).date(), zone)
    if last is None:
        raise Refusal("when.unknown", given=end)
    if last <= now:
        raise Refusal("when.past")
    if last <= first:
        raise Refusal("absence.order")
    return Leave(first, last, why.strip())


def _regrouped(since: str, until: str, reason: str, now: datetime, zone: str) -> tuple[str, str, str]:
    """Days that have their clock times in words of their own, with them."""
    word, _, rest = reason.partition(" ")
    is_time = _is_clock(word, zone) or _day(word, now, zone) is not None
    if _day(since, now, zone) and _is_clock(until, zone) and is_time:
        since, until, reason = f"{since} {until}", word, rest
    word, _, rest = reason.partition(" ")
    if _day(until, now, zone) and _is_clock(word, zone):
        until, reason = f"{until} {word}", rest
    return since, until, reason


def _begins(given: str, now: datetime, zone: str) -> datetime:
    if given.casefold() in NOW:
        return now
    day = _day(given, now, zone)
    at = clock_time(day, MIDNIGHT, ZoneInfo(zone)) if day else moment(given, now, zone, None)
    if at is None:
        raise Refusal("when.unknown", given=given)
    return max(at, now)


def _ends(given: str, first: datetime, now: datetime, zone: str) -> datetime | None:
    """A day is meant from today, unless that lies before the beginning; anything else from the beginning on."""
    for base in (now, first):
        day = _day(given, base, zone)
        if day and (base is first or _after(day, zone) > first):
            return _after(day, zone)
    return moment(given, first, zone, None)


def _day(given: str, now: datetime, zone: str) -> date | None:
    """The day that is named without a clock time."""
    at = moment(f"{given} 00:00", now, zone, None) if given else None
    return at.astimezone(ZoneInfo(zone)).date() if at else None


def _is_clock(given: str, zone: str) -> bool:
    a_day = "2026-01-01"
    at = moment(f"{a_day} {given}", datetime.fromisoformat(f"{a_day} 00:00:00+00:00"), zone, None)
    return bool(given) and at is not None


def _after(day: date, zone: str) -> datetime:
    """The midnight that ends a day."""
    return clock_time(day + DAY, MIDNIGHT, ZoneInfo(zone))
