"""Where and when the simulated years pass: five zones, their changes of clocks, teams with hours and promises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from holidays import country_holidays

from bot.domain.hours import Span
from bot.domain.levels import Calendar, Level, Levels
from bot.domain.policy import Policy, Target
from tests.domain import slow_sla

BEGIN, END = datetime(2015, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
COUNTRIES = {
    "Asia/Tokyo": "JP",
    "Europe/London": "GB-ENG",
    "America/New_York": "US-NY",
    "America/Sao_Paulo": "BR-SP",
    "Australia/Lord_Howe": "AU-NSW",
}
"""Each zone with the part of a country whose public holidays are days off there."""
OTHER_DAYS = ("04-29", "09-21", "12-30")
"""Days of note where clocks are never changed: the holidays in a row of spring and autumn, and the end of the year."""

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
OFFICE: tuple[Span, ...] = ((time(9), time(12)), (time(13), time(18)))
NIGHT: tuple[Span, ...] = ((time(0), time(5)), (time(21), time(0)))
FIRST, NEXT, RESOLUTION = Target


@dataclass(frozen=True)
class Team:
    """A queue with its hours and its promises. `has_holidays`: public holidays are days off."""

    queue: str
    week: Mapping[int, tuple[Span, ...]]
    has_holidays: bool
    policy: Policy


TEAMS = (
    Team(
        "office",
        dict.fromkeys(range(5), OFFICE),
        True,
        Policy("office", {FIRST: 2 * HOUR, NEXT: HOUR, RESOLUTION: 12 * HOUR}, (50, 80), (HOUR, 3 * HOUR)),
    ),
    Team(
        "night",
        dict.fromkeys(range(7), NIGHT),
        False,
        Policy("night", {FIRST: HOUR, NEXT: 30 * MINUTE, RESOLUTION: 5 * HOUR}, (20, 50, 80), (30 * MINUTE, 2 * HOUR)),
    ),
    Team(
        "urgent",
        dict.fromkeys(range(5), OFFICE),
        True,
        Policy("urgent", {FIRST: 40 * MINUTE, NEXT: 20 * MINUTE, RESOLUTION: 30 * HOUR}, (50, 90), (HOUR,), True),
    ),
)


def levels_in(zone: str) -> Levels:
    """What the teams of a zone have laid down."""
    calendars = {
        one.queue: Calendar(one.queue, zone, one.week, COUNTRIES[zone] if one.has_holidays else "") for one in TEAMS
    }
    levels = tuple(Level(policy=one.policy, calendar=one.queue, queues=frozenset({one.queue})) for one in TEAMS)
    return Levels(calendars, levels, digests=False)


def slow_hours(zone: str, team: Team, start: datetime, days: int) -> slow_sla.SlowHours:
    """The slow model of a team's hours for so many days."""
    country, _, part = COUNTRIES[zone].partition("-")
    years = range(start.year, (start + days * DAY).year + 1)
    off = country_holidays(country, subdiv=part or None, years=years) if team.has_holidays else {}
    return slow_sla.SlowHours(slow_sla.Calendar(zone, team.week, frozenset(off), {}), start, days)


def edges(zone: str) -> list[datetime]:
    """When the clocks of a zone are changed in those years; where they never are, other days of note."""
    found = list(_changes(ZoneInfo(zone)))
    if found:
        return found
    days = [date.fromisoformat(f"{year}-{day}") for year in range(BEGIN.year, END.year) for day in OTHER_DAYS]
    return [datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC) for day in days]


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    at = BEGIN
    while at < END:
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            minutes = (at + minute * MINUTE for minute in range(24 * 60))
            old = at.astimezone(zone).utcoffset()
            yield next(one for one in minutes if (one + MINUTE).astimezone(zone).utcoffset() != old) + MINUTE
        at += DAY
