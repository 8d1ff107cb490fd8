"""When: moments and amounts of time as people type them, in Japanese and in English."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.hours import DAY, MIDNIGHT, BusinessHours, NeverOpen, clock_time

MORNING = time(9)
"""When a day begins for whom no business hours are laid down."""
LONGEST = 80
"""Characters that are looked at: nobody needs more to say when."""

_WORDS = {"today": 0, "今日": 0, "本日": 0, "きょう": 0, "tomorrow": 1, "明日": 1, "あした": 1, "あす": 1} | {
    "翌日": 1,
    "翌営業日": 1,
    "next business day": 1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "明後日": 2,
    "あさって": 2,
}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_KANJI = "月火水木金土日"
_OF_WEEKDAYS = r"(?:s|day|sday|nesday|rs|rsday|urday)?"
_OF_MONTHS = r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"

_AROUND = re.compile(r"^(?:until|till|by|on|at)\s+|\s*(?:まで|までに|ごろ|頃|に)$")
_AMOUNT = re.compile(
    r"(?:(?P<hours>\d{1,5})\s*(?:h|hr|hrs|hour|hours|時間)(?P<half>半)?)?\s*"
    r"(?:(?P<minutes>\d{1,6})\s*(?:m|min|mins|minute|minutes|分)間?)?"
)
_DAYS = re.compile(r"(?P<days>\d{1,4})\s*(?:d|days?|日(?:間|後|間後))|(?P<weeks>\d{1,3})\s*(?:w|weeks?|週間?)")
_LATER = re.compile(r"^in\s+|\s*(?:後|later|from now)$")
_CLOCK = (
    r"(?P<noon>noon|正午)|(?P<before>午前|午後)?\s*(?<!\d)(?P<hour>\d{1,2})"
    r"(?:(?::(?P<minute>\d{2})|時(?:(?P<spoken>\d{1,2})分|(?P<half>半))?)\s*(?P<after>am|pm)?|\s*(?P<short>am|pm))"
)
_CLOCK_LAST = re.compile(f"(?:{_CLOCK})$")
_CLOCK_FIRST = re.compile(f"^(?:{_CLOCK})(?=\\s|,)")
_WEEKDAY = re.compile(
    rf"(?P<week>next\s+week|来週|this\s+week|今週|next\s|this\s)?\s*の?\s*"
    rf"(?:(?P<latin>{'|'.join(_WEEKDAYS)}){_OF_WEEKDAYS}|(?P<kanji>[{_KANJI}])(?:曜日?)?)?"
)
_NOTED_WEEKDAY = re.compile(rf"\s*\((?:[{_KANJI}](?:曜日?)?|(?:{'|'.join(_WEEKDAYS)}){_OF_WEEKDAYS})\)")
_FULL_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年\s*(\d{1,2})月\s*(\d{1,2})日)")
_SHORT_DATE = re.compile(r"(\d{1,2})(?:/(\d{1,2})|月\s*(\d{1,2})日)")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})日")
_LATIN_DATE = re.compile(
    rf"(?:(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s*)?(?P<month>{'|'.join(_MONTHS)}){_OF_MONTHS}"
    r"(?:\s*(?P<last>\d{1,2})(?:st|nd|rd|th)?)?"
    r"(?:,?\s+(?P<year>\d{4}))?"
)
_EDGES = re.compile(r"^[ ,]+|(?:[ ,、の]|(?<=\d)t)+$")


def amount(given: str) -> timedelta | None:
    """How long: "2h", "1h30m", "45m", "2時間", "1時間半", "30分", "90" (minutes). None when it says nothing like it.

    There are no days: a business day is not 24 hours long, and whoever means one says how many hours.
    """
    plain = _plain(given)
    if re.fullmatch(r"\d{1,6}", plain):
        return timedelta(minutes=int(plain)) or None
    found = _AMOUNT.fullmatch(plain)
    if not found:
        return None
    half = timedelta(minutes=30) if found["half"] else timedelta()
    return timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0)) + half or None


def moment(given: str, now: datetime, zone: str, hours: BusinessHours | None) -> datetime | None:
    """When, in UTC: "2h", "3d", "tomorrow", "明日 15時", "fri 10:00", "来週月曜", "12/1 9:00", "12月1日", "2026-12-01".

    Read by the clocks of `zone`. A clock time alone is its next; a weekday is the next one, never today; a date without
    a year lies ahead. A day without a clock time is its opening by `hours`, or the next opening when the team is not
    there that day; without hours, nine in the morning. "今日" and dates with a year may be over: whoever asks says so.
    A clock time that is skipped is when the clocks are put forward; of one that comes twice, it is the first.

    None when it says nothing that we can read.
    """
    plain = _AROUND.sub("", _AROUND.sub("", _plain(given)))
    try:
        return _later(plain, now, ZoneInfo(zone)) or _on_a_day(plain, now, ZoneInfo(zone), hours)
    except (ValueError, OverflowError):  # no such day, or one that no calendar has
        return None


def opening(day: date, zone: str, hours: BusinessHours | None) -> datetime:
    """When the team is there first on that day or after it; at nine in `zone` when nobody said when it works."""
    if hours:
        try:
            return hours.opens(clock_time(day, MIDNIGHT, ZoneInfo(hours.zone)))
        except NeverOpen:
            pass
    return clock_time(day, MORNING, ZoneInfo(zone))


def _plain(given: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", given[:LONGEST]).casefold().split())


def _later(plain: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """So long from now. Days pass by the clocks, so that it is the same time of day."""
    spoken = _LATER.sub("", _LATER.sub("", plain)) if not _DAYS.fullmatch(plain) else plain
    if days := _DAYS.fullmatch(spoken):
        here = now.astimezone(zone)
        count = int(days["days"] or 0) + 7 * int(days["weeks"] or 0)
        return clock_time(here.date() + timedelta(days=count), here.time(), zone) if count else None
    length = None if spoken.isdecimal() else amount(spoken)
    return now.astimezone(UTC) + length if length else None


def _on_a_day(plain: str, now: datetime, zone: ZoneInfo, hours: BusinessHours | None) -> datetime | None:
    found = _CLOCK_LAST.search(plain) or _CLOCK_FIRST.search(plain)
    clock = _clock(found) if found else None
    spoken = _EDGES.sub("", plain[: found.start()] + plain[found.end() :]) if found else plain
    spoken = spoken.removeprefix("on ").removesuffix(" at")
    today = now.astimezone(zone).date()
    if clock and not spoken:
        at = clock_time(today, clock, zone)
        return at if at > now else clock_time(today + DAY, clock, zone)
    day = _day(spoken, today)
    if day is None:
        return None
    return clock_time(day, clock, zone) if clock else opening(day, zone.key, hours)


def _clock(found: re.Match[str]) -> time:
    """Raises ValueError when no clock shows it."""
    if found["noon"]:
        return time(12)
    hour, half_day = int(found["hour"]), found["before"] or found["after"] or found["short"]
    if half_day in ("pm", "午後") and hour < 12:
        hour += 12
    elif half_day in ("am", "午前") and hour == 12:
        hour = 0
    return time(hour, 30 if found["half"] else int(found["minute"] or found["spoken"] or 0))


def _day(spoken: str, today: date) -> date | None:
    """Raises ValueError for a date that no calendar has."""
    if spoken in _WORDS:
        return today + timedelta(days=_WORDS[spoken])
    spoken = _NOTED_WEEKDAY.sub("", spoken)
    if found := _FULL_DATE.fullmatch(spoken):
        year, month, day = (int(part) for part in found.groups() if part)
        return date(year, month, day)
    if found := _SHORT_DATE.fullmatch(spoken):
        month, day = (int(part) for part in found.groups() if part)
        return _ahead(month, day, today)
    if found := _LATIN_DATE.fullmatch(spoken):
        return _latin(found, today)
    if found := _DAY_OF_MONTH.fullmatch(spoken):
        day = int(found[1])
        first = today.replace(day=1) if day >= today.day else (today.replace(day=1) + 31 * DAY).replace(day=1)
        return first.replace(day=day)
    found = _WEEKDAY.fullmatch(spoken) if spoken else None
    return _weekday(found, today) if found else None


def _ahead(month: int, day: int, today: date) -> date:
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _latin(found: re.Match[str], today: date) -> date | None:
    days = [int(one) for one in (found["first"], found["last"]) if one]
    if len(days) != 1:
        return None
    month = _MONTHS.index(found["month"]) + 1
    return date(int(found["year"]), month, days[0]) if found["year"] else _ahead(month, days[0], today)


def _weekday(found: re.Match[str], today: date) -> date | None:
    week = " ".join((found["week"] or "").split())
    monday = today - today.weekday() * DAY
    if not found["latin"] and not found["kanji"]:
        return monday + 7 * DAY if week in ("next week", "来週") else None
    number = _WEEKDAYS.index(found["latin"]) if found["latin"] else _KANJI.index(found["kanji"])
    if week in ("next week", "来週"):
        return monday + (7 + number) * DAY
    if week in ("this week", "今週"):
        return monday + number * DAY
    return today + ((number - today.weekday() - 1) % 7 + 1) * DAY
