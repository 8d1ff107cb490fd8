"""Leave: from when until when somebody is away, as they type it, in Tokyo on a Wednesday at ten."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import Refusal
from bot.domain.leave import leave
from tests.support.clock import MORNING

TOKYO = "Asia/Tokyo"


def spoken(at: datetime, zone: str = TOKYO) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("typed", "since", "until", "reason"),
    [
        (("2026-12-28", "2027-01-04", "holiday"), "2026-12-28 00:00", "2027-01-05 00:00", "holiday"),
        (("12/28", "1/4", ""), "2026-12-28 00:00", "2027-01-05 00:00", ""),
        (("12月28日", "1月4日", "冬休み"), "2026-12-28 00:00", "2027-01-05 00:00", "冬休み"),
        (("today", "", ""), "2026-04-01 10:00", "2026-04-02 00:00", ""),
        (("今日", "", ""), "2026-04-01 10:00", "2026-04-02 00:00", ""),
        (("tomorrow", "", ""), "2026-04-02 00:00", "2026-04-03 00:00", ""),
        (("tomorrow", "tomorrow", ""), "2026-04-02 00:00", "2026-04-03 00:00", ""),
        (("now", "15:00", ""), "2026-04-01 10:00", "2026-04-01 15:00", ""),
        (("今", "15時", "歯医者"), "2026-04-01 10:00", "2026-04-01 15:00", "歯医者"),
        (("now", "2h", ""), "2026-04-01 10:00", "2026-04-01 12:00", ""),
        (("13:00", "2h", ""), "2026-04-01 13:00", "2026-04-01 15:00", ""),
        (("13:00", "", ""), "2026-04-01 13:00", "2026-04-02 00:00", ""),
        (("mon", "fri", ""), "2026-04-06 00:00", "2026-04-11 00:00", ""),
        (("12/28", "15:00", "dentist"), "2026-12-28 00:00", "2026-12-28 15:00", "dentist"),
        (("12/28", "13:00", "17:00 dentist"), "2026-12-28 13:00", "2026-12-28 17:00", "dentist"),
        (("12/28", "13:00", "12/29 12:00 a trip"), "2026-12-28 13:00", "2026-12-29 12:00", "a trip"),
        (("12/28", "1/4", "15:00 then back"), "2026-12-28 00:00", "2027-01-04 15:00", "then back"),
        (("today", "dentist", "and more"), "2026-04-01 10:00", "2026-04-02 00:00", "dentist and more"),
    ],
)
def test_what_people_type(typed: tuple[str, str, str], since: str, until: str, reason: str) -> None:
    found = leave(*typed, MORNING, TOKYO)
    assert (spoken(found.since), spoken(found.until), found.reason) == (since, until, reason)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (("someday", "", ""), "when.unknown"),
        (("12/28", "13/45", ""), "when.unknown"),
        (("2026-03-01", "2026-03-02", ""), "when.past"),
        (("2026-05-05", "2026-05-01", ""), "absence.order"),
    ],
)
def test_what_cannot_be(typed: tuple[str, str, str], key: str) -> None:
    with pytest.raises(Refusal) as refused:
        leave(*typed, MORNING, TOKYO)
    assert refused.value.key == key


def test_days_are_those_of_whoever_is_away() -> None:
    found = leave("2026-11-01", "", "", MORNING, "America/New_York")
    assert spoken(found.since, "America/New_York") == "2026-11-01 00:00"
    assert (found.until - found.since).total_seconds() == 25 * 3600, "the clocks are put back that day"
