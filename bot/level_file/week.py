"""Business hours of a week as people write them: "mon-fri 09:00-12:00, 13:00-18:00; sat 10:00-15:00"."""

import re
from collections.abc import Mapping
from datetime import time
from itertools import pairwise
from unicodedata import normalize

from bot.domain.hours import MIDNIGHT, Span
from bot.level_file.problem import Unreadable

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_JAPANESE = "月火水木金土日"
_SETS = {"weekdays": (0, 4), "daily": (0, 6), "平日": (0, 4), "毎日": (0, 6)}
_DASH = re.compile(r"\s*(?:[-~〜–—−]|から|\bto\b|\.\.)\s*")
_CLOCK = r"(\d{1,2})(?::(\d{2})|時(?:(\d{1,2})分)?)?"
_SPAN = re.compile(rf"{_CLOCK}{_DASH.pattern}{_CLOCK}(?:まで)?")
_LINE = re.compile(r"(?P<days>[^\d]+?)\s*:?\s*(?P<spans>\d.*)")
_DAYS_SAID = "write mon to sun, one or several, such as mon-fri or sat, sun"
_SPANS_SAID = "write hours as 09:00-12:00, 13:00-18:00"


def week_of(given: str) -> dict[int, tuple[Span, ...]]:
    """The hours of a week, 0: Monday: for each day or row of days its hours, between ";" or one a line.

    Raises Unreadable.
    """
    week = dict[int, tuple[Span, ...]]()
    for line in filter(str.strip, re.split(r"[;\n]", normalize("NFKC", given))):
        found = _LINE.fullmatch(line.strip())
        if not found:
            said = f"{line.strip()!r} does not say hours of days: write it as mon-fri 09:00-12:00, 13:00-18:00"
            raise Unreadable("week", line.strip(), said)
        spans = spans_of(found["spans"])
        for day in weekdays_of(found["days"]):
            if day in week:
                raise Unreadable("week", line.strip(), f"{NAMES[day]} has hours already: name each day once")
            week[day] = spans
    if not week:
        raise Unreadable("week", given, "there are no hours: write them as mon-fri 09:00-12:00, 13:00-18:00")
    return dict(sorted(week.items()))


def weekdays_of(given: str) -> list[int]:
    """The days that a text names, in its order, 0: Monday: "mon-fri", "sat, sun", 「月〜金」. Raises Unreadable."""
    days = list[int]()
    for part in re.split(r"[,、・/]", normalize("NFKC", given)):
        ends = [_weekday(end) for end in _DASH.split(part.strip().casefold())]
        first, last = _SETS.get(part.strip().casefold(), (ends[0], ends[-1]))
        if len(ends) > 2 or first is None or last is None:
            raise Unreadable("week", given, f"{part.strip()!r} is no day of the week: {_DAYS_SAID}")
        days += [(first + each) % 7 for each in range((last - first) % 7 + 1)]
    if len(set(days)) < len(days):
        raise Unreadable("week", given, f"{given!r} names a day twice: name each once")
    return days


def spans_of(given: str) -> tuple[Span, ...]:
    """The hours of a day, with breaks between them: "09:00-12:00, 13:00-18:00". Raises Unreadable.

    24:00 and 00:00 as an end are midnight; work over midnight is two spans, until it and from it on the next day.
    """
    parts = [part.strip() for part in re.split(r"[,、]", normalize("NFKC", given)) if part.strip()]
    spans = tuple(sorted(_span(part, given) for part in parts))
    if not spans:
        raise Unreadable("spans", given, f"there are no hours: {_SPANS_SAID}")
    for (_, end), (start, _) in pairwise(spans):
        if end == MIDNIGHT or start < end:
            raise Unreadable("spans", given, f"{given!r} overlaps itself: {_SPANS_SAID}")
    return spans


def week_texts(week: Mapping[int, tuple[Span, ...]]) -> dict[str, str]:
    """The days of a week and their hours; days in a row that have the same are one: {"mon-fri": "09:00-18:00"}."""
    rows = list[tuple[int, int]]()
    for day in sorted(day for day, spans in week.items() if spans):
        if rows and rows[-1][1] == day - 1 and week[day] == week[rows[-1][0]]:
            rows[-1] = rows[-1][0], day
        else:
            rows.append((day, day))
    return {
        NAMES[first] if first == last else f"{NAMES[first]}-{NAMES[last]}": spans_text(week[first])
        for first, last in rows
    }


def week_text(week: Mapping[int, tuple[Span, ...]]) -> str:
    """A week as `week_of` reads it, a row of days a line."""
    return "\n".join(f"{days} {spans}" for days, spans in week_texts(week).items())


def spans_text(spans: tuple[Span, ...]) -> str:
    """Hours of a day as `spans_of` reads them."""
    return ", ".join(f"{start:%H:%M}-{'24:00' if end == MIDNIGHT else f'{end:%H:%M}'}" for start, end in spans)


def _weekday(name: str) -> int | None:
    plain = name.strip().removesuffix(".").removesuffix("曜日").removesuffix("曜")
    for names in (NAMES, _LONG, tuple(_JAPANESE)):
        if plain in names:
            return names.index(plain)
    return _SHORT.get(plain)


def _span(part: str, given: str) -> Span:
    found = _SPAN.fullmatch(part)
    clocks = (found.groups()[:3], found.groups()[3:]) if found else ()
    try:
        start, end = (_clock(*clock) for clock in clocks)
    except ValueError:
        raise Unreadable("spans", given, f"{part!r} are no hours: {_SPANS_SAID}") from None
    if start == (24, 0) or (end != (24, 0) and end != (0, 0) and end <= start):
        said = f"{part!r} ends before it begins: write work over midnight as 22:00-24:00, and 00:00-06:00 of the next"
        raise Unreadable("spans", given, f"{said} day")
    return time(*start), MIDNIGHT if end == (24, 0) else time(*end)


def _clock(hour: str, minute: str | None, minute_in_japanese: str | None) -> tuple[int, int]:
    clock = int(hour), int(minute or minute_in_japanese or 0)
    if clock != (24, 0):
        time(*clock)
    return clock
