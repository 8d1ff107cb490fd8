"""Phone calls: worked out from what was told in any order; whom a beginning belongs to; forgotten calls; numbers."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.inquiry import Inquiry, Status
from bot.domain.phone import Began, Caller, Continued, Ended, Line, Outcome, PhoneCall, Report, Voice
from bot.domain.phoning import (
    Check,
    Patience,
    Verdict,
    begins,
    check,
    current,
    forgotten,
    joined,
    masked,
    superseded,
)
from tests.builders import HANA, an_inquiry
from tests.support.clock import MORNING

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ITO, SATO, NOBODY = Caller("+819012345678", 1), Caller("+81312345678", 2), Caller()
TELEPHONY, HAND, RULE = Voice.TELEPHONY, Voice.HAND, Voice.RULE
LINE, OTHER_LINE = Line("twilio", "CA1"), Line("twilio", "CA2")
PATIENCE = Patience(60 * MINUTE, 10 * MINUTE)


def at(minutes: float) -> datetime:
    return MORNING + minutes * MINUTE


def began(minutes: float, by: Voice = TELEPHONY, caller: Caller = ITO) -> Began:
    return Began(at(minutes), by, caller)


def ended(minutes: float, by: Voice = TELEPHONY, lasted: float | None = None, outcome: Outcome | None = None) -> Ended:
    return Ended(at(minutes), by, None if lasted is None else lasted * MINUTE, outcome)


def goes_on(minutes: float, by: Voice = HAND) -> Continued:
    return Continued(at(minutes), by)


def a_call(*reports: Report, id: int = 1, line: Line | None = None) -> PhoneCall:
    call = PhoneCall(id=id, agent=HANA, line=line)
    for one in reports:
        call = call.hearing(one)
    return call


def known(call: PhoneCall) -> tuple[object, ...]:
    """All that is said of a call."""
    told = (call.is_live, call.started_at, call.alive_at, call.ended, call.length)
    return (*told, call.outcome, call.caller, call.is_estimated)


# --- one call -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reports", "is_live", "length"),
    [
        ([], False, None),
        ([began(0)], True, None),
        ([began(0), ended(7)], False, 7),
        ([ended(7), began(0)], False, 7),
        ([began(0), began(3), ended(7)], False, 7),
        ([began(0), ended(7), ended(9)], False, 7),
        ([ended(7)], False, None),
        ([ended(7, lasted=4)], False, 4),
        ([ended(7), began(8)], False, 0),
        ([began(0), ended(7, lasted=6.5)], False, 6.5),
        ([goes_on(2)], True, None),
        ([goes_on(2), ended(5)], False, 3),
        ([began(1, HAND), began(0), ended(5, HAND)], False, 5),
        ([began(0), ended(5, HAND), ended(8)], False, 8),
        ([began(0), ended(8, HAND), ended(5)], False, 5),
        ([began(0), ended(4, RULE), ended(6, HAND)], False, 6),
        ([began(0), ended(4, RULE), goes_on(5)], True, None),
        ([began(0), ended(4, RULE), goes_on(5), ended(9, RULE)], False, 9),
        ([began(0), ended(4), goes_on(5)], False, 4),
        ([ended(1, lasted=0, outcome=Outcome.UNANSWERED)], False, 0),
    ],
)
def test_whether_they_talk_and_how_long_they_did(reports: list[Report], is_live: bool, length: float | None) -> None:
    call = a_call(*reports)
    assert call.is_live is is_live
    assert call.length == (None if length is None else length * MINUTE)


def test_an_end_by_rule_is_a_guess_until_somebody_who_was_there_tells() -> None:
    call = a_call(began(0), ended(4, RULE))
    assert call.is_estimated
    assert not call.hearing(ended(5, HAND)).is_estimated


def test_what_only_rang_never_began() -> None:
    call = a_call(ended(1, lasted=0.5, outcome=Outcome.UNANSWERED))
    assert (call.started_at, call.outcome) == (None, Outcome.UNANSWERED)


def test_a_missed_beginning_is_reckoned_back() -> None:
    assert a_call(ended(7, lasted=4)).started_at == at(3)


@pytest.mark.parametrize(
    ("reports", "caller"),
    [
        ([began(0, HAND, NOBODY)], NOBODY),
        ([began(0, HAND, NOBODY), began(2, HAND, ITO)], ITO),
        ([began(0, TELEPHONY, Caller(ITO.number)), began(1, HAND, Caller("", 1))], ITO),
        ([began(0, TELEPHONY, ITO), began(1, HAND, Caller("+81312345678", 5))], Caller(ITO.number, 5)),
        ([began(0, HAND, Caller("", 5)), began(1, HAND, Caller("", 6))], Caller("", 6)),
        ([began(0, HAND, Caller("", 5)), began(1, HAND, Caller("+81312345678"))], Caller("+81312345678", 5)),
        ([began(0, TELEPHONY, NOBODY), began(1, HAND, SATO)], SATO),
    ],
)
def test_telephony_knows_the_number_and_people_know_the_customer(reports: list[Report], caller: Caller) -> None:
    assert a_call(*reports).caller == caller


def test_what_people_say_of_the_outcome_counts_and_the_last_of_it() -> None:
    call = a_call(began(0), ended(5, outcome=Outcome.UNANSWERED), ended(4, HAND, outcome=Outcome.OPEN))
    assert call.outcome is Outcome.OPEN
    assert call.hearing(ended(9, HAND, outcome=Outcome.SETTLED)).outcome is Outcome.SETTLED


def test_no_call_lasts_less_than_no_time() -> None:
    with pytest.raises(ValueError, match="no time"):
        ended(5, lasted=-1)


REPORTS: st.SearchStrategy[Report] = st.one_of(
    st.builds(began, st.integers(0, 30), st.sampled_from([TELEPHONY, HAND]), st.sampled_from([ITO, SATO, NOBODY])),
    st.builds(goes_on, st.integers(0, 30), st.sampled_from(Voice)),
    st.builds(
        ended,
        st.integers(0, 30),
        st.sampled_from(Voice),
        st.none() | st.integers(0, 9),
        st.none() | st.sampled_from(Outcome),
    ),
)


@st.composite
def _told_twice(draw: st.DrawFn) -> tuple[list[Report], list[Report]]:
    reports = draw(st.lists(REPORTS, max_size=6))
    again = draw(st.lists(st.sampled_from(reports), max_size=4)) if reports else []
    return reports, draw(st.permutations([*reports, *again]))


@given(_told_twice())
def test_the_same_reports_in_any_order_and_twice_are_the_same_call(told: tuple[list[Report], list[Report]]) -> None:
    assert known(a_call(*told[0])) == known(a_call(*told[1]))


@given(st.lists(REPORTS, max_size=6))
def test_what_is_known_of_a_call_never_contradicts_itself(reports: list[Report]) -> None:
    call = a_call(*reports)
    assert call.length is None or call.length >= timedelta()
    assert not (call.is_live and (call.ended or call.started_at is None))
    if call.started_at and call.alive_at:
        assert call.started_at <= call.alive_at
    assert call.hearing(ended(0)).is_live is False, "telephony's word ends it, whatever else was told"


@given(st.lists(REPORTS, max_size=5), st.integers(0, 9))
def test_a_webhook_that_comes_again_later_changes_nothing(reports: list[Report], later: int) -> None:
    """With the time at which it came, since not all providers tell when it happened."""
    call = a_call(began(0), *reports, ended(20))
    again = call.hearing(began(later)).hearing(ended(20 + later))
    assert (again.started_at, again.is_live, again.ended) == (call.started_at, call.is_live, call.ended)


def test_the_control_which_believes_what_came_last_is_deceived() -> None:
    def naive(reports: Iterable[Report]) -> bool:
        is_live = False
        for one in reports:
            is_live = not isinstance(one, Ended)
        return is_live

    told: tuple[Report, ...] = (began(0), ended(7))
    assert {naive(one) for one in permutations(told)} == {True, False}
    assert {a_call(*one).is_live for one in permutations(told)} == {False}


# --- which call ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ITO, ITO, True),
        (ITO, SATO, False),
        (ITO, NOBODY, None),
        (Caller(ITO.number), Caller("", 1), None),
        (Caller(ITO.number, 1), Caller(SATO.number, 1), True),
        (Caller(ITO.number, 1), Caller(ITO.number, 2), True),
        (Caller(ITO.number), SATO, False),
    ],
)
def test_when_two_callers_are_one(one: Caller, other: Caller, same: bool | None) -> None:
    assert (one.is_same_as(other), other.is_same_as(one)) == (same, same)


BY_HAND = a_call(began(0, HAND), id=1)
BY_HAND_OF_NOBODY = a_call(began(0, HAND, NOBODY), id=1)
BY_LINE = a_call(began(0), id=1, line=LINE)
OVER = a_call(began(0, HAND), ended(5, HAND), id=1)


@pytest.mark.parametrize(
    ("calls", "told", "line", "verdict"),
    [
        pytest.param([], began(0, HAND), None, "new", id="nothing was there"),
        pytest.param([OVER], began(6, HAND), None, "new", id="the last one is over"),
        pytest.param([BY_HAND], began(3, HAND), None, "same", id="said twice"),
        pytest.param([BY_HAND], began(3, HAND, NOBODY), None, "same", id="said again without the number"),
        pytest.param([BY_HAND_OF_NOBODY], began(3, HAND), None, "same", id="now they know who it is"),
        pytest.param([BY_LINE], began(3, HAND), None, "same", id="telephony was faster"),
        pytest.param([BY_HAND], began(3, HAND, SATO), None, "ask", id="another number"),
        pytest.param([BY_LINE], began(3, HAND, SATO), None, "ask", id="another number than telephony saw"),
        pytest.param(
            [a_call(began(0, HAND, Caller("", 9)))], began(3, HAND, Caller(ITO.number)), None, "ask", id="who knows"
        ),
        pytest.param([], began(0), LINE, "new", id="telephony, and nothing was there"),
        pytest.param([BY_LINE], began(0), LINE, "same", id="the webhook came again"),
        pytest.param([BY_LINE], began(90), LINE, "same", id="and after hours"),
        pytest.param([BY_LINE], began(3), OTHER_LINE, "new", id="another call of telephony, from the same number"),
        pytest.param([BY_HAND], began(0.1), LINE, "same", id="the hand was faster"),
        pytest.param([BY_HAND], began(-10), LINE, "same", id="the hand was slow"),
        pytest.param([BY_HAND_OF_NOBODY], began(0), LINE, "same", id="the hand did not say who"),
        pytest.param([BY_HAND], began(0, TELEPHONY, NOBODY), LINE, "same", id="the number was withheld"),
        pytest.param([BY_HAND], began(11), LINE, "new", id="too long ago: forgotten, and they called again"),
        pytest.param([BY_HAND], began(1, TELEPHONY, SATO), LINE, "new", id="somebody else, and nobody to ask"),
        pytest.param([OVER], began(0), LINE, "same", id="told after the hand said that it is over"),
        pytest.param([OVER], began(6), LINE, "new", id="they called again"),
    ],
)
def test_which_call_a_beginning_belongs_to(
    calls: list[PhoneCall], told: Began, line: Line | None, verdict: str
) -> None:
    found, call = begins(calls, told, line)
    assert found == verdict
    assert (call is None) is (verdict == "new")


def test_asking_ends_nothing() -> None:
    assert begins([BY_HAND, OVER], began(3, HAND, SATO)) == (Verdict.ASK, BY_HAND)
    assert superseded([BY_HAND]) == []


def test_of_two_reported_by_hand_telephony_means_the_one_with_the_same_number() -> None:
    with_number = a_call(began(0, HAND), ended(1, HAND), id=1)
    nobody = a_call(began(2, HAND, NOBODY), id=2)
    assert begins([nobody, with_number], began(0.5), LINE) == (Verdict.SAME, with_number)


def test_only_the_call_that_began_last_is_the_one_that_they_are_on() -> None:
    first, last = a_call(began(0), id=1, line=LINE), a_call(began(9, caller=SATO), id=2, line=OTHER_LINE)
    assert current([last, first]) == last
    assert superseded([last, first]) == [(first, ended(9, RULE))]
    hung_up = last.hearing(ended(12))
    assert current([hung_up, first]) is None, "that the first one was not ended is no reason to believe in it"
    assert superseded([hung_up, first]) == [(first, ended(9, RULE))]
    assert superseded([last, first.hearing(ended(9, RULE))]) == []
    on_hold = first.hearing(goes_on(12))
    [(_, end)] = superseded([last, on_hold])
    assert (end, current([last, on_hold.hearing(end)])) == (ended(12, RULE), last)
    assert superseded([last, on_hold.hearing(end)]) == []
    rang = a_call(ended(20, lasted=1, outcome=Outcome.UNANSWERED), id=3)
    assert current([first, rang]) == first, "that it rang meanwhile changes nothing"


def _told_of_three() -> list[tuple[int, Report]]:
    """The end of the first and of the second call got lost."""
    return [(1, began(0)), (2, began(10)), (3, began(20)), (3, ended(25)), (1, goes_on(4))]


@pytest.mark.parametrize("order", list(permutations(_told_of_three())))
def test_who_is_on_a_call_does_not_depend_on_the_order_in_which_webhooks_come(
    order: Sequence[tuple[int, Report]],
) -> None:
    calls = {id: a_call(id=id) for id in (1, 2, 3)}
    for id, report in order:
        calls[id] = calls[id].hearing(report)
        for call, end in superseded(calls.values()):
            calls[call.id] = call.hearing(end)
        assert sum(one.is_live for one in calls.values()) <= 1
    assert [one.is_live for one in calls.values()] == [False, False, False]


# --- forgotten ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "asked", "expected"),
    [
        (a_call(began(0)), None, (60, Check.ASK)),
        (a_call(began(0), goes_on(30)), None, (90, Check.ASK)),
        (a_call(began(0)), 60, (70, Check.END)),
        (a_call(began(0)), 300, (310, Check.END)),
        (a_call(began(0), goes_on(65)), 60, (125, Check.ASK)),
        (a_call(began(0), ended(50)), None, None),
        (a_call(ended(50)), None, None),
    ],
)
def test_a_forgotten_call_is_asked_about_and_then_ended(
    call: PhoneCall, asked: float | None, expected: tuple[float, Check] | None
) -> None:
    found = check(call, PATIENCE, None if asked is None else at(asked))
    assert found == (expected and (at(expected[0]), expected[1]))


def test_it_ended_at_the_last_moment_of_which_anybody_knows() -> None:
    call = a_call(began(0), goes_on(12))
    over = call.hearing(forgotten(call))
    assert (over.is_live, over.length, over.is_estimated) == (False, 12 * MINUTE, True)
    assert over.hearing(goes_on(80)).is_live, "they talked after all, and say so late"
    with pytest.raises(ValueError, match="never began"):
        forgotten(a_call())


def test_patience_needs_time() -> None:
    with pytest.raises(ValueError, match="time"):
        Patience(timedelta(), MINUTE)


@given(st.lists(st.integers(0, 200), max_size=4), st.integers(0, 120))
def test_nobody_is_cut_off_without_having_been_asked_and_given_time(signs: list[int], late: int) -> None:
    """A service that looks `late` minutes after each moment; signs are told as they happen."""
    call, asked, now = a_call(began(0)), None, MORNING
    for _ in range(20):
        found = check(call, PATIENCE, asked)
        assert found is not None
        now = max(now, found[0]) + late * MINUTE
        for sign in signs:
            if at(sign) <= now:
                call = call.hearing(goes_on(sign))
        again = check(call, PATIENCE, asked)
        if again is None or again[0] > now:
            continue
        if again[1] is Check.END:
            assert asked is not None
            assert asked + PATIENCE.end_after <= now
            assert asked > (call.alive_at or now)
            return
        asked = now
    raise AssertionError("it was never ended")


# --- inquiries ----------------------------------------------------------------------------------------------


def inquiry(number: int, opened: float, **fields: object) -> Inquiry:
    when = MORNING - opened * DAY
    return an_inquiry(**{"number": number, "opened_at": when, "waiting_since": when, **fields})


@pytest.mark.parametrize(
    ("inquiries", "expected"),
    [
        ([], None),
        ([inquiry(1, 2), inquiry(2, 1)], 2),
        ([inquiry(2, 1), inquiry(1, 2)], 2),
        ([inquiry(1, 9, waiting_since=MORNING), inquiry(2, 1)], 1),
        ([inquiry(1, 9, answered_at=MORNING), inquiry(2, 1)], 1),
        ([inquiry(1, 1), inquiry(2, 1)], 2),
        ([inquiry(1, 7)], 1),
        ([inquiry(1, 7.01)], None),
        ([inquiry(1, 2), inquiry(2, 1, status=Status.RESOLVED)], 1),
        ([inquiry(1, 1, erased_at=MORNING)], None),
        ([inquiry(1, 1, status=Status.WAITING_ON_CUSTOMER)], 1),
    ],
)
def test_a_call_joins_the_newest_open_inquiry_of_its_caller(inquiries: list[Inquiry], expected: int | None) -> None:
    found = joined(inquiries, MORNING, 7 * DAY)
    assert (found.number if found else None) == expected


# --- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "region", "shown"),
    [
        ("+819012345678", "JP", "090-••••-5678"),
        ("+81312345678", "JP", "03-••••-5678"),
        ("+81467123456", "JP", "••••-••-3456"),
        ("+819012345678", "US", "+81 ••-••••-5678"),
        ("+14155552671", "US", "(•••) •••-2671"),
        ("+14155552671", "JP", "+1 •••-•••-2671"),
        ("+6831234567", "JP", "+683 •••••67"),
        ("+1234567", "JP", "+1 ••••67"),
        ("+8010000", "JP", "+•••••00"),
        ("201", "JP", ""),
        ("", "JP", ""),
        ("sip:hana@example.com", "JP", ""),
        ("anonymous", "JP", ""),
    ],
)
def test_a_board_shows_enough_of_a_number_to_recognise_it(number: str, region: str, shown: str) -> None:
    assert masked(number, region) == shown


@settings(max_examples=200)
@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(["JP", "US", "GB", "DE", ""]))
def test_no_board_shows_a_whole_number(number: str, region: str) -> None:
    shown = masked(number, region)
    assert shown.count("•") >= 4
    assert sum(one.isdecimal() for one in shown) < sum(one.isdecimal() for one in number)
    assert number[1:] not in "".join(filter(str.isdecimal, shown))
