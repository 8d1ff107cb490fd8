"""Periods as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.period import days

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("today", "2026-03-31", "2026-03-31"),
        ("今日", "2026-03-31", "2026-03-31"),
        ("Yesterday", "2026-03-30", "2026-03-30"),
        ("30d", "2026-03-01", "2026-03-01"),
        ("３０日前", "2026-03-01", "2026-03-01"),
        ("2w", "2026-03-17", "2026-03-17"),
        ("2週間", "2026-03-17", "2026-03-17"),
        ("1m", "2026-02-28", "2026-02-28"),
        ("3か月", "2025-12-31", "2025-12-31"),
        ("3ヶ月前", "2025-12-31", "2025-12-31"),
        ("15m", "2024-12-31", "2024-12-31"),
        ("1y", "2025-03-31", "2025-03-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026年10月", "2026-10-01", "2026-10-31"),
        ("2026-10-01", "2026-10-01", "2026-10-01"),
        ("2026/1/5", "2026-01-05", "2026-01-05"),
        ("２０２６年１０月１日", "2026-10-01", "2026-10-01"),
    ],
)
def test_what_is_meant(given: str, first: str, last: str) -> None:
    assert days(given, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "given",
    ["", "lately", "30", "d", "2026-13", "2026-02-30", "2026-00-01", "0000", "9999", "999y", "-3d", "1" * 5000, "10/1"],
)
def test_what_cannot_be_read(given: str) -> None:
    assert days(given, TODAY) is None


@given(
    st.text(st.sampled_from("0123456789-/年月日dwmy前か間 ."), max_size=12),
    st.dates(date(1971, 1, 1), date(2190, 1, 1)),
)
def test_whatever_is_written_it_is_a_period_or_nothing(given: str, today: date) -> None:
    found = days(given, today)
    assert found is None or found[0] <= found[1]
