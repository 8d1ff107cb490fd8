"""The vectors checked by hand, and the calendars that they speak of: `sla_vectors.csv` says why each is right.

Times are those of the clocks there; a time with a b is the second of two alike, as clocks that are put back tell it.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.hours import Span
from tests.domain.slow_sla import Calendar

FILE = Path(__file__).with_name("sla_vectors.csv")

JAPAN = """
2024-01-01 2024-01-08 2024-02-11 2024-02-12 2024-02-23 2024-03-20 2024-04-29 2024-05-03 2024-05-04 2024-05-05 2024-05-06
2024-07-15 2024-08-11 2024-08-12 2024-09-16 2024-09-22 2024-09-23 2024-10-14 2024-11-03 2024-11-04 2024-11-23
2026-01-01 2026-01-12 2026-02-11 2026-02-23 2026-03-20 2026-04-29 2026-05-03 2026-05-04 2026-05-05 2026-05-06
2026-07-20 2026-08-11 2026-09-21 2026-09-22 2026-09-23 2026-10-12 2026-11-03 2026-11-23
2027-01-01 2027-01-11 2027-02-11 2027-02-23 2027-03-21 2027-03-22 2027-04-29 2027-05-03 2027-05-04 2027-05-05
2027-07-19 2027-08-11 2027-09-20 2027-09-23 2027-10-11 2027-11-03 2027-11-23
"""
ENGLAND = "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-26 2026-12-28"
AMERICA = """
2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-07-04 2026-09-07 2026-10-12 2026-11-11
2026-11-26 2026-12-25
"""
BRAZIL = "2018-01-01 2018-02-13 2018-03-30 2018-04-21 2018-05-01 2018-09-07 2018-10-12 2018-11-02 2018-11-15 2018-12-25"
YEARS_END = "2026-12-29 2026-12-30 2026-12-31 2027-01-02 2027-01-03"
WORKDAYS, EVERY_DAY = range(5), range(7)


@dataclass(frozen=True)
class Vector:
    """One row: whose hours, what is asked, what is right, and why."""

    hours: str
    ask: str
    expected: str
    why: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(CALENDARS[self.hours].zone)

    def moment(self, told: str) -> datetime:
        """A time by the clocks there, "2026-10-25 01:30b", in UTC."""
        local = datetime.fromisoformat(told.removesuffix("b")).replace(tzinfo=self.zone, fold=int(told.endswith("b")))
        return local.astimezone(UTC)

    def told(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M}" + "b" * local.fold


def vectors() -> list[Vector]:
    """All rows of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Vector(**row) for row in csv.DictReader(file, delimiter="|")]


def amount(told: str) -> timedelta:
    """ "2h30m", "5h", "61m"."""
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?", told)
    assert found
    return timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))


def _calendar(zone: str, days: range, spans: str, shut: str = "", extra: Mapping[str, str] | None = None) -> Calendar:
    own = {date.fromisoformat(day): _spans(told) for day, told in (extra or {}).items()}
    return Calendar(zone, dict.fromkeys(days, _spans(spans)), frozenset(map(date.fromisoformat, shut.split())), own)


def _spans(told: str) -> tuple[Span, ...]:
    pairs = (span.split("-") for span in told.split())
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)


CALENDARS = {
    "tokyo": _calendar(
        "Asia/Tokyo",
        WORKDAYS,
        "09:00-12:00 13:00-18:00",
        JAPAN + YEARS_END,
        {"2026-11-23": "10:00-15:00", "2026-12-28": "09:00-12:00"},
    ),
    "london": _calendar("Europe/London", WORKDAYS, "09:00-17:30", ENGLAND),
    "london_night": _calendar("Europe/London", EVERY_DAY, "00:00-06:00"),
    "london_skip": _calendar("Europe/London", EVERY_DAY, "01:30-03:00"),
    "london_early": _calendar("Europe/London", EVERY_DAY, "00:00-01:30"),
    "new_york": _calendar("America/New_York", WORKDAYS, "09:00-17:00", AMERICA),
    "new_york_night": _calendar("America/New_York", EVERY_DAY, "00:00-04:00"),
    "sao_paulo": _calendar("America/Sao_Paulo", WORKDAYS, "08:00-12:00 14:00-18:00", BRAZIL),
    "sao_paulo_night": _calendar("America/Sao_Paulo", EVERY_DAY, "00:00-02:00 22:00-00:00"),
    "lord_howe": _calendar("Australia/Lord_Howe", WORKDAYS, "08:30-16:30"),
    "lord_howe_night": _calendar("Australia/Lord_Howe", EVERY_DAY, "01:00-03:00"),
}
