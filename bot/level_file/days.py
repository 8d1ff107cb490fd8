"""Dates and rows of dates as people write them: "2026-12-29..2027-01-03, 2027-05-01"."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from unicodedata import normalize

from bot.level_file.problem import Unreadable

LONGEST_ROW = 366
"""Days that one row of dates may hold."""
DAY = timedelta(days=1)
YEARS = range(1900, 9000)

_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?")
_BETWEEN = re.compile(r"\s*(?:\.{2,3}|…|〜|~|–|—|\bto\b|から)\s*|\s+-\s+")
_SAID = "write 2026-12-29, or 2026-12-29..2027-01-03 for all days between"


def day_of(given: str) -> date:
    """A date: "2026-12-29", "2026/12/29", 「2026年12月29日」. Raises Unreadable."""
    found = _DATE.fullmatch(normalize("NFKC", given).strip())
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise Unreadable("day", given, f"{given!r} is no date: write it as 2026-12-29")
    return day


def days_of(given: str) -> frozenset[date]:
    """Dates and rows of dates, between commas or one a line; nothing is no day. Raises Unreadable."""
    days = set[date]()
    for part in filter(str.strip, re.split(r"[,、;\n]", given)):
        ends = _BETWEEN.split(normalize("NFKC", part).strip().removesuffix("まで"))
        if len(ends) > 2 or not all(map(_DATE.fullmatch, ends)):
            raise Unreadable("days", part.strip(), f"{part.strip()!r} is no date: {_SAID}")
        first, last = day_of(ends[0]), day_of(ends[-1])
        if not first <= last or (last - first).days >= LONGEST_ROW:
            said = f"{part.strip()!r} must lead from one day to a later one, within a year: {_SAID}"
            raise Unreadable("days", part.strip(), said)
        days.update(first + DAY * each for each in range((last - first).days + 1))
    return frozenset(days)


def rows_of_days(days: Iterable[date]) -> list[str]:
    """Dates as `days_of` reads them, a text for each row of days: ["2026-12-29..2027-01-03"]."""
    rows = list[tuple[date, date]]()
    for day in sorted(set(days)):
        if rows and rows[-1][1] + DAY == day and (day - rows[-1][0]).days < LONGEST_ROW:
            rows[-1] = rows[-1][0], day
        else:
            rows.append((day, day))
    return [f"{first}" if first == last else f"{first}..{last}" for first, last in rows]


def days_text(days: Iterable[date]) -> str:
    """Dates as `days_of` reads them."""
    return ", ".join(rows_of_days(days))
