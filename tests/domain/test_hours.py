"""Business hours: equal to the slow, obvious model and to vectors checked by hand, whatever the clocks do."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.hours import MONTHS_KEPT, BusinessHours, NeverCloses, NeverOpen, RealTime, Span
from tests.domain.sla_vectors import CALENDARS, Vector, amount, vectors
from tests.domain.slow_sla import Calendar, SlowHours

EDGES = {
    "Asia/Tokyo": ["2026-09-22T00:00", "2026-12-31T15:00", "2024-02-29T00:00"],
    "Europe/London": ["2026-03-29T01:00", "2026-10-25T01:00", "2027-03-28T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00", "2027-11-07T06:00"],
    "America/Sao_Paulo": ["2017-10-15T03:00", "2018-02-18T02:00", "2018-11-04T03:00", "2019-02-17T02:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30", "2027-04-03T15:00"],
}
"""Moments in UTC at which the clocks of a zone are changed; in Tokyo, where they never are, other days of note."""
WORLDS, CASES = 16, 1250
"""How many calendars a zone gets, and how many questions each is asked: 100,000 in all five."""
DAYS = 13
SECOND = timedelta(seconds=1)

Make = Callable[[Calendar], BusinessHours]


def fast(calendar: Calendar) -> BusinessHours:
    """The hours that the product counts with."""
    shut = sorted(calendar.shut)
    # Half of the days off are public holidays, the other half the team's own.
    return BusinessHours(
        calendar.zone, calendar.week, frozenset(shut[::2]).__contains__, frozenset(shut[1::2]), calendar.extra
    )


class ByTheWall(BusinessHours):
    """A wrong way: amounts are counted in clock time, as if no clock were ever changed."""

    @cached_property
    def naive(self) -> BusinessHours:
        return BusinessHours("UTC", self.week, self.is_holiday, self.closed, self.extra)

    def after(self, at: datetime, amount: timedelta) -> datetime:
        wall = self.naive.after(self.wall(at), amount)
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def between(self, since: datetime, until: datetime) -> timedelta:
        return self.naive.between(self.wall(since), self.wall(until))

    def wall(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=UTC)


def by_the_wall(calendar: Calendar) -> BusinessHours:
    right = fast(calendar)
    return ByTheWall(right.zone, right.week, right.is_holiday, right.closed, right.extra)


def without_breaks(calendar: Calendar) -> BusinessHours:
    """A wrong way: from the first opening of a day to its last end."""
    week = {day: ((spans[0][0], spans[-1][1]),) for day, spans in calendar.week.items() if spans}
    return replace(fast(calendar), week=week)


def without_holidays(calendar: Calendar) -> BusinessHours:
    """A wrong way: only the team's own closing days are known."""
    return replace(fast(calendar), is_holiday=lambda _day: False)


class SecondTelling(BusinessHours):
    """A wrong way: of a time that is told twice the second counts, and one that is skipped lies an hour off."""

    def _utc(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(self.zone)).replace(fold=1).astimezone(UTC)


def second_telling(calendar: Calendar) -> BusinessHours:
    right = fast(calendar)
    return SecondTelling(right.zone, right.week, right.is_holiday, right.closed, right.extra)


# --- the slow, obvious model --------------------------------------------------------------------------------


def calendars(zone: str, random: Random) -> Iterator[tuple[Calendar, datetime, datetime]]:
    """Calendars, each with where its days begin and a moment of note in the middle of them."""
    for number in range(WORLDS):
        edge = datetime.fromisoformat(EDGES[zone][number % len(EDGES[zone])]).replace(tzinfo=UTC)
        days = [edge.date() + timedelta(days=back) for back in range(-6, 7)]
        week = {weekday: some_spans(random) for weekday in range(7) if random.random() < 0.85}
        shut = frozenset(random.sample(days, random.randrange(5)))
        extra = {day: some_spans(random) for day in random.sample(days, random.randrange(3))}
        yield Calendar(zone, week, shut, extra), edge - timedelta(days=DAYS // 2), edge


def some_spans(random: Random) -> tuple[Span, ...]:
    """Up to four spans of a day, at round times or at odd ones, around the night as well as by day."""
    step = random.choice((1, 15, 30, 60))
    count = random.choice((1, 1, 2, 2, 3, 4)) * 2
    marks = sorted(random.sample(range(0, 24 * 60 + 1, step), count))
    times = [time(*divmod(mark % (24 * 60), 60)) for mark in marks]
    return tuple(zip(times[::2], times[1::2], strict=True))


def some_second(random: Random, edge: int) -> int:
    """A second of the days; often one of the hours around the moment of note, often a full minute."""
    near = random.random() < 0.4
    second = edge + random.randrange(-4 * 3600, 4 * 3600) if near else random.randrange(DAYS * 24 * 3600)
    return second if random.random() < 0.5 else second // 60 * 60


def disagreements(make: Make, zone: str, seed: int) -> Iterator[str]:
    """Where hours differ from the model, in words; nothing when they never do.

    What lies beyond the model's days is not compared: it must be the smaller part.
    """
    compared = 0
    random = Random(f"{seed} {zone}")
    for calendar, start, edge in calendars(zone, random):
        model, hours = SlowHours(calendar, start, DAYS), make(calendar)
        for _ in range(CASES):
            at, other = (some_second(random, int((edge - start).total_seconds())) for _ in range(2))
            amount = random.choice((1, 60, 3600)) * random.randrange(1, 100)
            # The same moments, told by any clock: that of the zone tells some hours twice.
            told = ZoneInfo(random.choice((zone, "UTC", "Asia/Tokyo")))
            moment, until = (model.moment(second).astimezone(told) for second in (at, other))
            expected = (model.is_open(at), model.between(at, other) * SECOND, *whens(model, at, amount))
            found = (hours.is_open(moment), hours.between(moment, until), *asked(hours, moment, amount))
            compared += sum(right is not None for right in expected)
            if any(right is not None and right != given for right, given in zip(expected, found, strict=True)):
                yield f"seed {seed}: {moment} + {amount} s, until {until}, {calendar}: {found}, not {expected}"
    assert compared > 4 * WORLDS * CASES


def whens(model: SlowHours, at: int, amount: int) -> Iterator[datetime | None]:
    for second in (model.opens(at), model.closes(at), model.after(at, amount)):
        yield None if second is None else model.moment(second)


def asked(hours: BusinessHours, at: datetime, amount: int) -> Iterator[datetime | None]:
    for ask in (hours.opens, hours.closes, lambda moment: hours.after(moment, amount * SECOND)):
        try:
            yield ask(at)
        except (NeverOpen, NeverCloses):
            yield None


@pytest.mark.parametrize("zone", EDGES)
def test_equal_to_the_slow_model(zone: str) -> None:
    seed = secrets.randbits(32)
    assert next(disagreements(fast, zone, seed), None) is None


@pytest.mark.parametrize(
    ("wrong", "zone"),
    [
        (wrong, zone)
        for wrong in (by_the_wall, second_telling, without_breaks, without_holidays)
        for zone in EDGES
        if zone != "Asia/Tokyo" or wrong in (without_breaks, without_holidays)
    ],
)
def test_wrong_ways_are_found_out(wrong: Make, zone: str) -> None:
    assert next(disagreements(wrong, zone, seed=7), None) is not None


# --- vectors checked by hand --------------------------------------------------------------------------------

BY_HAND = [vector for vector in vectors() if ": opened" not in vector.ask]


def answer(vector: Vector, hours: BusinessHours) -> str:
    """What hours say to the question of a vector, in the words of its answers."""
    ask, _, rest = vector.ask.partition(" ")
    match ask:
        case "open?":
            return "yes" if hours.is_open(vector.moment(rest)) else "no"
        case "opens":
            return vector.told(hours.opens(vector.moment(rest)))
        case "closes":
            return vector.told(hours.closes(vector.moment(rest)))
    if " .. " in vector.ask:
        return in_hours(hours.between(*(vector.moment(told) for told in vector.ask.split(" .. "))))
    told, _, given = vector.ask.partition(" + ")
    return vector.told(hours.after(vector.moment(told), amount(given)))


def in_hours(passed: timedelta) -> str:
    hours, minutes = divmod(passed // timedelta(minutes=1), 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes or not hours else "")


@pytest.mark.parametrize("vector", BY_HAND, ids=lambda vector: f"{vector.hours} {vector.ask}")
def test_checked_by_hand(vector: Vector) -> None:
    assert answer(vector, fast(CALENDARS[vector.hours])) == vector.expected, vector.why


def test_there_are_200_of_them_and_each_says_why() -> None:
    assert len({(vector.hours, vector.ask) for vector in vectors() if vector.why}) == len(vectors()) >= 200
    assert {vector.hours for vector in vectors()} == CALENDARS.keys()


@pytest.mark.parametrize(
    ("wrong", "of"),
    [(by_the_wall, "_night"), (second_telling, "london_"), (without_breaks, "tokyo"), (without_holidays, "tokyo")],
)
def test_wrong_ways_fail_the_vectors_too(wrong: Make, of: str) -> None:
    concerned = [one for one in BY_HAND if of in one.hours]
    failed = [one for one in concerned if answer(one, wrong(CALENDARS[one.hours])) != one.expected]
    assert 5 < len(failed) < len(concerned)


# --- everything else ----------------------------------------------------------------------------------------

NINE_TO_FIVE: tuple[Span, ...] = ((time(9), time(12)), (time(13), time(17)))
MONDAY = datetime(2026, 4, 6, 9, tzinfo=UTC)


def office(**fields: Any) -> BusinessHours:
    """Monday to Friday from nine to five in UTC, with a break at noon."""
    defaults: dict[str, Any] = {"zone": "UTC", "week": dict.fromkeys(range(5), NINE_TO_FIVE)}
    return BusinessHours(**{**defaults, **fields})


def test_seconds_and_less_are_exact() -> None:
    at = MONDAY.replace(hour=11, minute=59, second=59, microsecond=999_999)
    assert office().after(at, timedelta(microseconds=1)) == MONDAY.replace(hour=12)
    assert office().after(at, timedelta(microseconds=2)) == MONDAY.replace(hour=13, microsecond=1)
    assert office().between(at, MONDAY.replace(hour=13, second=1)) == timedelta(seconds=1, microseconds=1)


@pytest.mark.parametrize("years", [1, 10, 40])
def test_there_and_back_over_years(years: int) -> None:
    hours, passed = fast(CALENDARS["london"]), timedelta(hours=8.5) * 260 * years
    due = hours.after(MONDAY, passed)
    assert abs(due.year - MONDAY.year - years) <= 1
    assert hours.between(MONDAY, due) == passed
    assert hours.between(MONDAY, due - SECOND) == passed - SECOND


def test_a_day_is_worked_out_once_and_not_remembered_for_ever() -> None:
    asked_for: list[date] = []

    def is_holiday(day: date) -> bool:
        asked_for.append(day)
        return False

    hours = office(is_holiday=is_holiday)
    for _ in range(3):
        hours.after(MONDAY, timedelta(hours=7) * 260 * 10)
    assert len(asked_for) == len(set(asked_for)) > 3600
    hours.between(MONDAY, MONDAY + timedelta(days=31) * MONTHS_KEPT)
    before = asked_for.count(MONDAY.date())
    hours.is_open(MONDAY)
    assert asked_for.count(MONDAY.date()) == before + 1


@pytest.mark.parametrize(
    ("hours", "at"),
    [
        (office(week={}), MONDAY),
        (office(is_holiday=lambda _day: True), MONDAY),
        (office(week={}, extra={MONDAY.date(): NINE_TO_FIVE}), MONDAY.replace(hour=17)),
    ],
    ids=["no week", "always a holiday", "nothing after one day"],
)
def test_what_never_opens_says_so_in_a_sentence(hours: BusinessHours, at: datetime) -> None:
    for ask in (hours.opens, hours.closes, lambda moment: hours.after(moment, SECOND)):
        with pytest.raises(NeverOpen, match=r"^These hours never open: .* from 2026-04-06 on\.$"):
            ask(at)
    assert not hours.is_open(at)
    assert hours.between(at, at + timedelta(days=9999)) == timedelta()
    assert hours.after(at, timedelta()) == at


def test_one_day_is_enough_to_open_and_to_close() -> None:
    hours = office(week={}, extra={MONDAY.date() + timedelta(days=300): NINE_TO_FIVE})
    assert hours.closes(MONDAY) - hours.opens(MONDAY) == timedelta(hours=3)
    with pytest.raises(NeverOpen):
        hours.after(MONDAY, timedelta(hours=7, seconds=1))


def test_round_the_clock_never_closes() -> None:
    hours = office(week=dict.fromkeys(range(7), ((time(0), time(0)),)))
    with pytest.raises(NeverCloses, match=r"^These hours never close: .* from 2026-04-06\.$"):
        hours.closes(MONDAY)
    assert hours.after(MONDAY, timedelta(days=500)) == MONDAY + timedelta(days=500)


def test_own_hours_beat_holidays_and_closing_days() -> None:
    day = MONDAY.date()
    late = ((time(20), time(21)),)
    for fields in ({"closed": frozenset({day})}, {"is_holiday": day.__eq__}, {}):
        assert office(**fields, extra={day: late}).opens(MONDAY) == MONDAY.replace(hour=20)
        assert office(**fields, extra={day: ()}).opens(MONDAY) == MONDAY + timedelta(days=1)


def test_the_spans_of_a_day() -> None:
    assert fast(CALENDARS["tokyo"]).spans(date(2026, 12, 28)) == (
        (datetime(2026, 12, 28, 0, tzinfo=UTC), datetime(2026, 12, 28, 3, tzinfo=UTC)),
    )
    assert fast(CALENDARS["tokyo"]).spans(date(2026, 9, 22)) == ()


def test_a_day_that_an_island_skipped() -> None:
    hours = office(zone="Pacific/Apia", week=dict.fromkeys(range(7), NINE_TO_FIVE))
    assert hours.spans(date(2011, 12, 30)) == ()
    assert hours.opens(hours.spans(date(2011, 12, 29))[-1][1]) == hours.spans(date(2011, 12, 31))[0][0]


def test_a_midnight_told_twice_at_the_turn_of_a_month() -> None:
    """In 2009 Newfoundland put its clocks back a minute after midnight: October came back for an hour."""
    hours = office(zone="America/St_Johns", week=dict.fromkeys(range(7), ((time(0), time(1)),)))
    (start, end) = hours.spans(date(2009, 11, 1))[0]
    again = datetime(2009, 10, 31, 23, 30, fold=1, tzinfo=ZoneInfo("America/St_Johns")).astimezone(UTC)
    assert end - start == timedelta(hours=2)
    assert hours.is_open(again)
    assert hours.opens(again) == again
    assert hours.after(again, timedelta(hours=1)) == start + timedelta(minutes=90)
    assert hours.between(start, again) == timedelta(minutes=30)
    assert hours.closes(again) == end


@pytest.mark.parametrize(
    "spans",
    [
        ((time(9), time(9)),),
        ((time(17), time(9)),),
        ((time(9), time(12)), (time(11), time(17))),
        ((time(13), time(17)), (time(9), time(12))),
        ((time(9), time(0)), (time(10), time(11))),
    ],
    ids=["empty", "backwards", "overlapping", "out of order", "after midnight"],
)
def test_spans_that_cannot_be(spans: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match="must be in order"):
        office(week={0: spans})
    with pytest.raises(ValueError, match="must be in order"):
        office(extra={MONDAY.date(): spans})


def test_hours_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="0 to 6"):
        office(week={7: NINE_TO_FIVE})
    with pytest.raises(KeyError):
        office(zone="Asia/Nowhere")
    with pytest.raises(ValueError, match="time zone"):
        office().is_open(MONDAY.replace(tzinfo=None))


def test_real_time_counts_everything() -> None:
    edge = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"))
    assert RealTime().after(edge, timedelta(hours=1)) == edge.replace(fold=1).astimezone(UTC)
    assert RealTime().between(edge, edge.replace(fold=1)) == timedelta(hours=1)
    assert RealTime().between(edge.replace(fold=1), edge) == timedelta()
