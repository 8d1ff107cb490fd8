"""Periods as people write them: "30d", "2w", "3か月", "2026-10", "2026/10/01", "today"."""

import calendar
import re
import unicodedata
from datetime import date, timedelta

YEARS = range(1970, 2200)
"""Years that can be meant; databases and time zones know all of them."""
_DAYS_AGO = {"today": 0, "今日": 0, "本日": 0, "yesterday": 1, "昨日": 1}
_AGO = re.compile(
    r"(\d{1,3}) ?(?:(?P<days>d|days?|日間?)|(?P<weeks>w|weeks?|週間?)"
    r"|(?P<months>m|months?|[かヶヵカケ]月間?)|(?P<years>y|years?|年間?))(?: ?ago|前)?"
)
_DATE = re.compile(r"(\d{4})(?:[-/.年](?:(0?[1-9]|1[0-2])(?:[-/.月](?:(0?[1-9]|[12]\d|3[01])日?)?)?)?)?")


def days(given: str, today: date) -> tuple[date, date] | None:
    """The first and the last day that are meant: one day, a month or a year. None when it cannot be read.

    "30d", "2w", "3m" and "1y" mean the day so long ago.
    """
    plain = unicodedata.normalize("NFKC", given).strip().casefold()
    if plain in _DAYS_AGO:
        return _one_day(today - timedelta(_DAYS_AGO[plain]))
    if ago := _AGO.fullmatch(plain):
        return _ago(int(ago[1]), str(ago.lastgroup), today)
    if written := _DATE.fullmatch(plain):
        return _written(*(int(part) if part else 0 for part in written.groups()))
    return None


def _ago(count: int, unit: str, today: date) -> tuple[date, date] | None:
    if unit in ("days", "weeks"):
        return _one_day(today - timedelta(**{unit: count}))
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "years" else 1)
    year, month = months // 12, months % 12 + 1
    if year not in YEARS:
        return None
    return _one_day(date(year, month, min(today.day, calendar.monthrange(year, month)[1])))


def _written(year: int, month: int, day: int) -> tuple[date, date] | None:
    if year not in YEARS:
        return None
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    last = calendar.monthrange(year, month)[1]
    if day > last:
        return None
    return date(year, month, day or 1), date(year, month, day or last)


def _one_day(day: date) -> tuple[date, date] | None:
    return (day, day) if day.year in YEARS else None
