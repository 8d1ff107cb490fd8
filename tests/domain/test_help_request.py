"""Help requests: whatever is told of them twice, late or in another order leaves them as they are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from bot.domain.help_request import HelpRequest, HelpState
from tests.builders import EMMA, HANA, KEN
from tests.support.clock import MORNING

LATER = MORNING + timedelta(minutes=1)
MUCH_LATER = MORNING + timedelta(hours=1)
ASKED = HelpRequest(id=1, call=7, asker=HANA, text="May we?", at=MORNING)

CHANGES: dict[str, Callable[[HelpRequest], HelpRequest]] = {
    "experts": lambda one: one.to_experts(LATER),
    "answered": lambda one: one.answered(KEN, LATER),
    "over": lambda one: one.over(),
    "more": lambda one: one.adding("It is urgent"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_is_told_twice_changes_nothing_more(change: Callable[[HelpRequest], HelpRequest]) -> None:
    once = change(ASKED)
    assert once.version == ASKED.version + 1
    assert change(once) is once


def test_experts_are_asked_too_once_nobody_has_answered() -> None:
    asked = ASKED.to_experts(LATER)
    assert (asked.state, asked.experts_at, asked.is_open) == (HelpState.EXPERTS, LATER, True)
    assert asked.to_experts(MUCH_LATER).experts_at == LATER


def test_the_first_who_advises_has_answered_it() -> None:
    answered = ASKED.answered(KEN, LATER)
    assert (answered.state, answered.answered_by, answered.answered_at) == (HelpState.ANSWERED, KEN, LATER)
    assert not answered.is_open
    assert answered.answered(EMMA, MUCH_LATER) is answered


def test_nobody_answers_themselves() -> None:
    assert ASKED.answered(HANA, LATER) is ASKED


def test_an_answer_after_the_experts_were_asked_counts_as_well() -> None:
    assert ASKED.to_experts(LATER).answered(EMMA, MUCH_LATER).answered_by == EMMA


def test_what_is_over_is_not_answered_any_more() -> None:
    over = ASKED.over()
    assert (over.state, over.is_open, over.answered_by) == (HelpState.OVER, False, None)
    assert over.answered(KEN, LATER) is over
    assert over.to_experts(LATER) is over


def test_the_end_of_the_call_leaves_an_answer_as_it_is() -> None:
    answered = ASKED.answered(KEN, LATER)
    assert answered.over() is answered


@pytest.mark.parametrize("order", list(permutations(("experts", "answered", "over"))), ids=" ".join)
def test_whatever_comes_first_of_an_answer_and_the_end_stays(order: tuple[str, ...]) -> None:
    one = ASKED
    for name in (*order, *order):
        one = CHANGES[name](one)
    first = next(name for name in order if name != "experts")
    assert one.state == first
    assert (one.experts_at is not None) == (order[0] == "experts")


def test_experts_are_wanted_so_long_after_it_was_asked_and_only_once() -> None:
    after = timedelta(seconds=60)
    assert ASKED.wanted_at(after) == LATER
    for name in ("experts", "answered", "over"):
        assert CHANGES[name](ASKED).wanted_at(after) is None


def test_more_words_are_added_and_none_is_said_twice() -> None:
    more = ASKED.adding("It is urgent\n\nMay we?")
    assert more.text == "May we?\nIt is urgent"
    assert more.adding("  ") is more
    assert more.adding("It is urgent") is more


def test_the_first_words_may_come_later() -> None:
    assert replace(ASKED, text="").adding("May we?").text == "May we?"


def test_nothing_is_added_to_what_was_answered() -> None:
    answered = ASKED.answered(KEN, LATER)
    assert answered.adding("And now?") is answered
