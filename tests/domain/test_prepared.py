"""Prepared advice: to which calls it applies, which of several speaks first, how often, and what became of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.advice import Advice, Receipt, Token
from bot.domain.phone import Began, Ended, PhoneCall, Voice
from bot.domain.prepared import MOST, PACE, Counts, Facts, PreparedAdvice, counts, following, mentions
from tests.builders import HANA
from tests.support.clock import MORNING

MINUTE = timedelta(minutes=1)
CALL = PhoneCall(id=1, agent=HANA, reports=frozenset([Began(MORNING, Voice.HAND)]))
FACTS = Facts(("The parcel is late", "返金をご希望"), frozenset({"Parcels"}), caution=True)


def at(minutes: float) -> datetime:
    return MORNING + minutes * MINUTE


def rule(id: int = 1, **fields: Any) -> PreparedAdvice:
    return PreparedAdvice(**{"id": id, "name": f"rule {id}", "text": "Offer a refund", "is_on": True, **fields})


def told(
    *rules: PreparedAdvice, said: Mapping[int, float] | None = None, now: float = 0, facts: Facts = FACTS
) -> tuple[int, float] | None:
    """Which rule speaks next, and after how many minutes of the call."""
    moments = {id: at(minutes) for id, minutes in (said or {}).items()}
    found = following(rules, CALL, facts, moments, at(now))
    return (found.rule.id, (found.at - MORNING) / MINUTE) if found else None


# --- to which calls -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"words": ("late",)}, True),
        ({"words": ("broken", "返金")}, True),
        ({"words": ("broken",)}, False),
        ({"labels": ("parcels",)}, True),
        ({"labels": ("ＰＡＲＣＥＬＳ", "Letters")}, True),
        ({"labels": ("parcel",)}, False),
        ({"caution": True}, True),
        ({"longer_than": 5 * MINUTE}, True),
        ({"words": ("late",), "labels": ("letters",)}, False),
        ({"words": ("late",), "labels": ("parcels",), "caution": True}, True),
        ({}, False),
        ({"words": ("late",), "is_on": False}, False),
    ],
)
def test_all_conditions_that_are_set_must_apply(fields: dict[str, Any], fits: bool) -> None:
    assert rule(**fields).fits(FACTS) is fits


def test_it_is_off_until_somebody_turns_it_on() -> None:
    made = PreparedAdvice(id=1, name="late", text="Offer a refund", words=("late",))
    assert not made.fits(FACTS)
    assert replace(made, is_on=True).fits(FACTS)


def test_care_is_not_asked_for_where_none_is_needed() -> None:
    assert not rule(caution=True).fits(replace(FACTS, caution=False))
    assert rule(words=("late",)).fits(replace(FACTS, caution=False))


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("The parcel is LATE", "late", True),
        ("遅延の連絡", "遅延", True),
        ("ﾊﾟｰｿﾅﾙ設定", "パーソナル", True),
        ("サーバの停止", "サーバー", True),
        ("髙橋様より", "高橋", True),
        ("refunds please", "refund", True),
        ("refunds please", "re", False),
        ("a chocolate cake", "late", False),
        ("the cat", "category", False),
        ("請求と書類", "請求書", False),
        ("order no. 12-345", "12345", True),
        ("late, the parcel was", "parcel late", True),
        ("the parcel", "parcel late", False),
        ("anything", "!?", False),
        ("anything", "", False),
        ("", "late", False),
    ],
)
def test_words_are_found_as_a_search_finds_them(text: str, word: str, found: bool) -> None:
    assert mentions(text, word) is found


def test_the_control_that_looks_for_the_letters_finds_too_much_and_too_little() -> None:
    assert "late" in "a chocolate cake"
    assert "サーバー" not in "ｻｰﾊﾞｰの停止"
    assert mentions("ｻｰﾊﾞｰの停止", "サーバー")


# --- when and which -----------------------------------------------------------------------------------------

LATE, REFUND = rule(1, words=("late",)), rule(2, words=("返金",), labels=("parcels",))
CAREFUL, LONG = rule(3, caution=True), rule(4, longer_than=10 * MINUTE)
SLOW = rule(9, caution=True, longer_than=20 * MINUTE)


@pytest.mark.parametrize(
    ("rules", "said", "now", "expected"),
    [
        pytest.param([], {}, 0, None, id="no rules"),
        pytest.param([LATE], {}, 0, (1, 0), id="at once"),
        pytest.param([LATE], {}, 7, (1, 0), id="late, as its words came up late"),
        pytest.param([LATE], {1: 0}, 5, None, id="once a call"),
        pytest.param([replace(LATE, text="Edited")], {1: 0}, 5, None, id="once a call, edited too"),
        pytest.param([LONG], {}, 0, (4, 10), id="in a long call"),
        pytest.param([LATE, REFUND], {}, 0, (2, 0), id="more conditions first"),
        pytest.param([LATE, REFUND, CAREFUL], {}, 0, (3, 0), id="care first"),
        pytest.param([LATE, REFUND, CAREFUL], {3: 0}, 0, (2, 1), id="then the next, with a pause"),
        pytest.param([LATE, LONG], {}, 0, (1, 0), id="what is due before what will be"),
        pytest.param([LONG, LATE], {}, 30, (1, 0), id="of equals what came up earlier"),
        pytest.param([LONG, SLOW], {}, 30, (9, 10), id="what is due by now, care first"),
        pytest.param([LONG, SLOW], {}, 15, (4, 10), id="what is not due yet waits, whatever it says"),
        pytest.param([LONG], {1: 9.5}, 10, (4, 10.5), id="a pause after the last one"),
        pytest.param([LATE, LATE, replace(LATE, id=8)], {}, 0, (1, 0), id="of equals the older rule"),
        pytest.param([LATE], {5: 0, 6: 1, 7: 2}, 20, None, id="so many are enough"),
    ],
)
def test_which_rule_speaks_next_and_when(
    rules: list[PreparedAdvice], said: dict[int, float], now: float, expected: tuple[int, float] | None
) -> None:
    for order in permutations(rules):
        assert told(*order, said=said, now=now) == expected


@pytest.mark.parametrize(
    "call",
    [
        PhoneCall(agent=HANA),
        CALL.hearing(Ended(at(3), Voice.TELEPHONY)),
        PhoneCall(agent=HANA, reports=frozenset([Ended(at(3), Voice.TELEPHONY, 3 * MINUTE)])),
    ],
)
def test_nothing_is_said_in_a_call_that_is_over(call: PhoneCall) -> None:
    assert following([LATE], call, FACTS, {}, at(9)) is None


RULES = st.lists(
    st.builds(
        rule,
        st.integers(1, 9),
        words=st.sampled_from([(), ("late",), ("broken",)]),
        caution=st.booleans(),
        longer_than=st.none() | st.integers(1, 30).map(lambda one: one * MINUTE),
        is_on=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.id,
)


@given(RULES, st.lists(st.integers(1, 15), min_size=1, max_size=40), st.sampled_from([FACTS, Facts()]))
def test_whenever_the_service_looks_each_rule_speaks_once_with_pauses_and_never_too_early(
    rules: list[PreparedAdvice], pauses: list[int], facts: Facts
) -> None:
    """It looks after these minutes, with nothing in its memory but what was said."""
    said: dict[int, datetime] = {}
    now = MORNING
    for minutes in pauses:
        while (found := following(rules, CALL, facts, said, now)) and found.at <= now:
            assert found.rule.id not in said
            assert found.rule.fits(facts)
            assert MORNING + (found.rule.longer_than or timedelta()) <= now
            said[found.rule.id] = now
        later = following(rules, CALL, facts, said, now)
        assert later is None or later.at > now
        now += minutes * MINUTE
    assert len(said) <= MOST
    assert all(after - before >= PACE for before, after in pairwise(sorted(said.values())))


def test_the_control_without_a_memory_of_what_was_said_repeats_itself() -> None:
    assert [told(LATE, now=minute) for minute in (0, 5)] == [(1, 0), (1, 0)]
    assert [told(LATE, said={1: 0}, now=minute) for minute in (0, 5)] == [None, None]


# --- what became of it --------------------------------------------------------------------------------------


def advice(rule: int | None, *tokens: Token) -> Advice:
    receipts = frozenset(Receipt(one, MORNING) for one in tokens)
    return Advice(to=HANA, text="Offer a refund", at=MORNING, rule=rule, call=1, receipts=receipts)


def test_what_arrived_is_counted_and_what_helped_was_used() -> None:
    seen, used, helped = (Token.DELIVERED, Token.SEEN), (Token.USED,), (Token.USED, Token.HELPED)
    given = [advice(1), advice(1, Token.WITHDRAWN), advice(1, *seen), advice(1, *used), advice(1, *helped)]
    assert counts([*given, advice(2, Token.NOT_NOW), advice(None, *helped), advice(3)]) == {
        1: Counts(said=3, used=2, helped=1),
        2: Counts(said=1),
    }
