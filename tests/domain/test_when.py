"""When: what people type for moments and amounts, and what is meant by it."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.hours import BusinessHours
from bot.domain.when import amount, moment, opening

TOKYO = "Asia/Tokyo"
WEDNESDAY = datetime(2026, 4, 1, 10, 0, tzinfo=ZoneInfo(TOKYO))
WEEKDAYS = {day: ((time(9, 30), time(12)), (time(13), time(18))) for day in range(5)}
HOURS = BusinessHours(TOKYO, WEEKDAYS, is_holiday=lambda day: day == date(2026, 4, 29))


def told(given: str, now: datetime = WEDNESDAY, zone: str = TOKYO, hours: BusinessHours | None = HOURS) -> str:
    """The moment by the clocks of the zone; empty when it could not be read."""
    at = moment(given, now, zone, hours)
    assert at is None or at.tzinfo is UTC
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if at else ""


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ("2h", 120),
        ("1h30m", 90),
        ("1h 30m", 90),
        ("45m", 45),
        ("45 min", 45),
        ("2 hours", 120),
        ("1 hour 5 minutes", 65),
        ("2時間", 120),
        ("2時間半", 150),
        ("1時間30分", 90),
        ("30分", 30),
        ("30分間", 30),
        ("90", 90),
        ("９０", 90),
        ("２Ｈ", 120),
        (" 2 h ", 120),
    ],
)
def test_amounts(given: str, minutes: int) -> None:
    assert amount(given) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "given", ["", "0", "0h", "h", "-2h", "2d", "3日", "1.5h", "soon", "2h later", "9999999", "m", "半"]
)
def test_no_amounts(given: str) -> None:
    assert amount(given) is None


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("2h", "2026-04-01 12:00"),
        ("in 2 hours", "2026-04-01 12:00"),
        ("45m", "2026-04-01 10:45"),
        ("2時間後", "2026-04-01 12:00"),
        ("30分後", "2026-04-01 10:30"),
        ("3d", "2026-04-04 10:00"),
        ("3 days", "2026-04-04 10:00"),
        ("3日後", "2026-04-04 10:00"),
        ("3日間", "2026-04-04 10:00"),
        ("2w", "2026-04-15 10:00"),
        ("1週間後", "2026-04-08 10:00"),
    ],
)
def test_so_long_from_now(given: str, wanted: str) -> None:
    assert told(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("15:00", "2026-04-01 15:00"),
        ("15時", "2026-04-01 15:00"),
        ("15時半", "2026-04-01 15:30"),
        ("15時45分", "2026-04-01 15:45"),
        ("午後3時", "2026-04-01 15:00"),
        ("3pm", "2026-04-01 15:00"),
        ("3:30 pm", "2026-04-01 15:30"),
        ("12am", "2026-04-02 00:00"),
        ("正午", "2026-04-01 12:00"),
        ("noon", "2026-04-01 12:00"),
        ("until 15:00", "2026-04-01 15:00"),
        ("15時まで", "2026-04-01 15:00"),
        ("１５：００", "2026-04-01 15:00"),
        ("9:00", "2026-04-02 09:00"),
        ("10:00", "2026-04-02 10:00"),
        ("9時", "2026-04-02 09:00"),
    ],
)
def test_a_clock_time_is_its_next(given: str, wanted: str) -> None:
    assert told(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("tomorrow", "2026-04-02 09:30"),
        ("明日", "2026-04-02 09:30"),
        ("あした", "2026-04-02 09:30"),
        ("Tomorrow 15:00", "2026-04-02 15:00"),
        ("15:00 tomorrow", "2026-04-02 15:00"),
        ("tomorrow at 3pm", "2026-04-02 15:00"),
        ("明日15時", "2026-04-02 15:00"),
        ("明日の午後3時半までに", "2026-04-02 15:30"),
        ("明後日", "2026-04-03 09:30"),
        ("the day after tomorrow", "2026-04-03 09:30"),
        ("today 15:00", "2026-04-01 15:00"),
        ("今日 9:00", "2026-04-01 09:00"),
        ("今日", "2026-04-01 09:30"),
        ("fri", "2026-04-03 09:30"),
        ("fri 10:00", "2026-04-03 10:00"),
        ("on Friday, 10:00", "2026-04-03 10:00"),
        ("10am friday", "2026-04-03 10:00"),
        ("next friday", "2026-04-03 09:30"),
        ("金曜 10:00", "2026-04-03 10:00"),
        ("金曜日10時", "2026-04-03 10:00"),
        ("金 10:00", "2026-04-03 10:00"),
        ("wed", "2026-04-08 09:30"),
        ("水曜 15:00", "2026-04-08 15:00"),
        ("sat", "2026-04-06 09:30"),
        ("sat 10:00", "2026-04-04 10:00"),
        ("来週", "2026-04-06 09:30"),
        ("next week", "2026-04-06 09:30"),
        ("来週金曜", "2026-04-10 09:30"),
        ("来週の金曜日 14:00", "2026-04-10 14:00"),
        ("今週金曜", "2026-04-03 09:30"),
    ],
)
def test_days_near_by(given: str, wanted: str) -> None:
    assert told(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("12/1", "2026-12-01 09:30"),
        ("12/1 9:00", "2026-12-01 09:00"),
        ("12/1(火) 9:00", "2026-12-01 09:00"),
        ("2026-12-01 09:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00", "2026-12-01 09:00"),
        ("2026/12/01", "2026-12-01 09:30"),
        ("2026年12月1日", "2026-12-01 09:30"),
        ("12月1日 9時", "2026-12-01 09:00"),
        ("12月1日9時", "2026-12-01 09:00"),
        ("１２月１日　９時", "2026-12-01 09:00"),
        ("Dec 1", "2026-12-01 09:30"),
        ("1st December 16:00", "2026-12-01 16:00"),
        ("Dec 1, 2027 16:00", "2027-12-01 16:00"),
        ("4/1 15:00", "2026-04-01 15:00"),
        ("3/31 15:00", "2027-03-31 15:00"),
        ("4/29", "2026-04-30 09:30"),
        ("4/4", "2026-04-06 09:30"),
        ("15日", "2026-04-15 09:30"),
        ("15日 16時", "2026-04-15 16:00"),
        ("2020-01-01 09:00", "2020-01-01 09:00"),
    ],
)
def test_dates(given: str, wanted: str) -> None:
    assert told(given) == wanted


def test_a_day_that_is_past_in_this_month_is_one_of_the_next() -> None:
    assert told("1日 9:00", WEDNESDAY.replace(month=12, day=24)) == "2027-01-01 09:00"


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            " ",
            "soon",
            "later",
            "そのうち",
            "15",
            "25:00",
            "9:60",
            "13:00 pm!",
            "12/1 25:00",
            "2/30",
            "13/1",
            "0/1",
        ),
        *("32日", "明日 明後日", "monkey", "fri fri", "2026-13-01", "dec", "1 dec 2", "this week", "今週", "next"),
        *("10000-01-01", "9999d 9999w", "0h", "0d", "12/19:00", "a" * 10_000, "1" * 10_000, "\0", "next 10:00"),
    ],
)
def test_what_says_no_time(given: str) -> None:
    assert told(given) == ""


def test_without_hours_a_day_begins_at_nine() -> None:
    assert [told(given, hours=None) for given in ("tomorrow", "sat", "12/1")] == [
        "2026-04-02 09:00",
        "2026-04-04 09:00",
        "2026-12-01 09:00",
    ]


def test_tomorrow_is_the_next_business_day() -> None:
    friday, tuesday = WEDNESDAY.replace(day=3), WEDNESDAY.replace(day=28)
    assert [told("tomorrow", friday), told("明日", tuesday)] == ["2026-04-06 09:30", "2026-04-30 09:30"]
    assert told("tomorrow 10:00", friday) == "2026-04-04 10:00"


def test_a_team_that_never_is_there_is_asked_at_nine() -> None:
    assert told("tomorrow", hours=BusinessHours(TOKYO, {})) == "2026-04-02 09:00"


def test_an_opening_is_told_by_the_clocks_of_the_team() -> None:
    london = BusinessHours("Europe/London", {day: ((time(9), time(17)),) for day in range(5)})
    assert told("tomorrow", hours=london) == "2026-04-02 17:00"
    assert opening(date(2026, 4, 2), TOKYO, london) == datetime(2026, 4, 2, 8, tzinfo=UTC)


def test_a_time_that_is_skipped_is_when_the_clocks_are_put_forward() -> None:
    saturday = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/London"))
    assert told("tomorrow 1:30", saturday, "Europe/London") == "2026-03-29 02:00"
    assert told("24h", saturday, "Europe/London") == "2026-03-29 13:00"
    assert told("1d", saturday, "Europe/London") == "2026-03-29 12:00"


def test_of_a_time_that_comes_twice_it_is_the_first() -> None:
    saturday = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/London"))
    assert moment("tomorrow 1:30", saturday, "Europe/London", None) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", [TOKYO, "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_what_is_written_out_is_read_back(zone: str) -> None:
    chance = random.Random(7)
    for _ in range(300):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525_600))
        here = at.astimezone(ZoneInfo(zone))
        for shape in ("%Y-%m-%d %H:%M", "%Y年%m月%d日 %H時%M分", "%d %b %Y %I:%M%p"):
            read = moment(here.strftime(shape), WEDNESDAY, zone, HOURS)
            assert read is not None
            assert read.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == here.replace(tzinfo=None)


def test_no_words_are_too_odd() -> None:
    chance = random.Random(8)
    pieces = [
        "12",
        "/",
        "1",
        ":",
        "00",
        "月",
        "日",
        "時",
        "fri",
        "曜",
        "next ",
        "来週",
        " ",
        "pm",
        "午後",
        "0",
        "h",
        "dec",
    ]
    for _ in range(5_000):
        given = "".join(chance.choices(pieces, k=chance.randrange(1, 7)))
        read = moment(given, WEDNESDAY, TOKYO, HOURS)
        assert read is None or read.tzinfo is UTC
