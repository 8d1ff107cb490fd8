"""Absences and quiet hours: over midnight, and on days on which the clocks are changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.absence import Absence, Quiet
from tests.builders import HANA
from tests.support.clock import MORNING

NIGHT = Quiet(time(22), time(7))
NOON = Quiet(time(12), time(13))


def local(text: str, zone: str = "Asia/Tokyo") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def ends(quiet: Quiet, at: datetime, zone: str = "Asia/Tokyo") -> str:
    """When quiet ends, by the clocks there; or "-"."""
    found = quiet.ends_after(at, zone)
    return f"{found.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" if found else "-"


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-04-01 21:59", "-"),
        ("2026-04-01 22:00", "04-02 07:00"),
        ("2026-04-01 23:59", "04-02 07:00"),
        ("2026-04-02 00:00", "04-02 07:00"),
        ("2026-04-02 06:59", "04-02 07:00"),
        ("2026-04-02 07:00", "-"),
        ("2026-04-02 12:00", "-"),
        ("2026-12-31 23:00", "01-01 07:00"),
    ],
)
def test_quiet_over_midnight(at: str, until: str) -> None:
    assert ends(NIGHT, local(at)) == until


def test_quiet_within_a_day() -> None:
    told = [ends(NOON, local(f"2026-04-01 {clock}")) for clock in ("11:59", "12:00", "12:59", "13:00", "23:00")]
    assert told == ["-", "04-01 13:00", "04-01 13:00", "-", "-"]


def test_quiet_that_ends_or_begins_at_midnight() -> None:
    until, since = Quiet(time(22), time(0)), Quiet(time(0), time(6))
    assert [ends(until, local(f"2026-04-01 {clock}")) for clock in ("22:30", "00:00")] == ["04-02 00:00", "-"]
    assert [ends(since, local(f"2026-04-01 {clock}")) for clock in ("00:00", "22:30")] == ["04-01 06:00", "-"]


def test_it_is_quiet_by_the_clocks_of_whoever_wants_it() -> None:
    at = datetime(2026, 4, 1, 14, tzinfo=UTC)
    assert [ends(NIGHT, at, zone) for zone in ("Asia/Tokyo", "Europe/London", "America/New_York")] == [
        "04-02 07:00",
        "-",
        "-",
    ]


@pytest.mark.parametrize(
    ("zone", "at", "hours"),
    [
        ("Europe/London", "2026-03-28 22:00", 8),  # put forward
        ("Europe/London", "2026-10-24 22:00", 10),  # put back
        ("America/New_York", "2026-03-07 22:00", 8),
        ("Australia/Lord_Howe", "2026-04-04 22:00", 9.5),  # by half an hour
    ],
)
def test_a_night_on_which_the_clocks_are_changed_ends_by_the_clock(zone: str, at: str, hours: float) -> None:
    began = local(at, zone).astimezone(UTC)
    ended = NIGHT.ends_after(began, zone)
    assert ended == began + timedelta(hours=hours)
    assert ended.tzinfo is UTC
    assert NIGHT.ends_after(ended, zone) is None


def test_clock_times_that_are_skipped_or_told_twice() -> None:
    skipped = Quiet(time(22), time(2, 30))
    assert skipped.ends_after(local("2026-03-08 01:00", "America/New_York"), "America/New_York") == datetime(
        2026, 3, 8, 7, tzinfo=UTC
    )
    twice = Quiet(time(22), time(1, 30))
    assert twice.ends_after(local("2026-11-01 01:00", "America/New_York"), "America/New_York") == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert NIGHT.ends_after(datetime(2026, 4, 1, 23, tzinfo=UTC), "Mars/Base") == datetime(2026, 4, 2, 7, tzinfo=UTC)


def test_quiet_all_day_is_an_absence() -> None:
    with pytest.raises(ValueError, match="end"):
        Quiet(time(9), time(9))


def test_an_absence_holds_until_they_are_back() -> None:
    one = Absence(1, HANA, MORNING, MORNING + timedelta(hours=1))
    assert [one.holds(MORNING + timedelta(minutes=minutes)) for minutes in (-1, 0, 59, 60)] == [
        False,
        True,
        True,
        False,
    ]
