"""The rules of answers by hand, waits, snoozes, extensions, keeping and tags, each allowed and refused."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.domain import care
from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.events import EventKind
from bot.domain.inquiry import Change, Inquiry, Status
from bot.domain.policy import Target
from bot.domain.timeline import WAITING
from bot.notices import NoticeKind, notices_of
from tests.builders import EMMA, HANA, KEN, a_message, an_act, an_inquiry, held_by
from tests.support.clock import MORNING

HOUR = timedelta(hours=1)
LATER = MORNING + HOUR
CUSTOMER, OTHERS = Status.WAITING_ON_CUSTOMER, Status.WAITING_ON_THIRD_PARTY
NOBODY = an_act(None, 30, "nudges")

BY_HOLDERS: dict[str, Callable[[Inquiry, Agent], Change]] = {
    "answered.held": lambda one, who: care.answered(one, "by phone", MORNING, an_act(who, 5)),
    "wait.held": lambda one, who: care.wait(one, CUSTOMER, LATER, "", an_act(who, 5)),
    "snooze.held": lambda one, who: care.snooze(one, LATER, an_act(who, 5)),
}
"""What its holder may do and a supervisor, and anybody as long as it is free; with the words for others."""
BY_ANYBODY: dict[str, Callable[[Inquiry, Agent], Change]] = {
    **BY_HOLDERS,
    "extend": lambda one, who: care.extend(one, Target.RESOLUTION, HOUR, "late", an_act(who, 5)),
    "tag": lambda one, who: care.tag(one, ["refund"], an_act(who, 5)),
}


def refusal_of(change: Callable[[], Change]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        change()
    return refused.value


def waiting(status: Status = OTHERS, one: Inquiry | None = None) -> Inquiry:
    return care.wait(one or held_by(HANA), status, LATER, "the warehouse", an_act(HANA, 5)).after


def snoozed(one: Inquiry | None = None) -> Inquiry:
    return care.snooze(one or held_by(HANA), LATER, an_act(HANA, 5)).after


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", BY_HOLDERS)
def test_what_somebody_holds_is_cared_for_by_them_and_by_supervisors(key: str) -> None:
    one = held_by(HANA)
    assert [BY_HOLDERS[key](one, who).event.act.agent for who in (HANA, EMMA)] == [HANA, EMMA]
    refusal = refusal_of(lambda: BY_HOLDERS[key](one, KEN))
    assert (refusal.key, refusal.number, refusal.details["holder"]) == (key, 1001, "Hana")


@pytest.mark.parametrize("key", BY_HOLDERS)
def test_what_nobody_holds_is_cared_for_by_anybody_and_stays_free(key: str) -> None:
    assert BY_HOLDERS[key](an_inquiry(), KEN).after.holder is None


@pytest.mark.parametrize("key", BY_ANYBODY)
def test_what_is_resolved_or_erased_needs_no_care(key: str) -> None:
    resolved = held_by(HANA).resolve("", an_act(HANA, 1)).after
    assert refusal_of(lambda: BY_ANYBODY[key](resolved, HANA)).key == "inquiry.resolved"
    erased = replace(resolved, erased_at=MORNING)
    assert refusal_of(lambda: BY_ANYBODY[key](erased, HANA)).key == "inquiry.erased"
    for change in (lambda: care.keep(resolved, an_act(HANA)), lambda: care.resume(resolved, an_act(HANA))):
        assert refusal_of(change).key == "inquiry.resolved"


@pytest.mark.parametrize("key", BY_HOLDERS)
def test_nobody_cares_by_themselves(key: str) -> None:
    calls = {
        "answered.held": lambda: care.answered(an_inquiry(), "", MORNING, NOBODY),
        "wait.held": lambda: care.wait(an_inquiry(), CUSTOMER, LATER, "", NOBODY),
        "snooze.held": lambda: care.snooze(an_inquiry(), LATER, NOBODY),
    }
    with pytest.raises(ValueError, match="person of the team"):
        calls[key]()


@pytest.mark.parametrize("key", BY_ANYBODY)
def test_each_leads_to_the_next_version_and_the_card_follows(key: str) -> None:
    one = held_by(HANA)
    change = BY_ANYBODY[key](one, HANA)
    assert (change.before, change.after.version, change.event.version) == (one, 3, 3)
    assert (change.after.spoken_version, change.after.holder_version) == (one.spoken_version, one.holder_version)
    assert notices_of(change)[0].kind is NoticeKind.CARD


# --- answers by hand ----------------------------------------------------------------------------------------


def test_an_answer_by_hand_is_an_answer_without_a_message() -> None:
    change = care.answered(held_by(HANA), "by phone", MORNING, an_act(HANA, 5))
    assert change.event.kind is EventKind.ANSWERED
    assert change.event.details == {"by": "Hana", "by_hand": True, "note": "by phone"}
    assert (change.after.status, change.after.messages) == (CUSTOMER, 1)
    assert change.after.answered_at == MORNING + timedelta(minutes=5)


def test_how_may_stay_empty_and_is_by_hand_all_the_same() -> None:
    change = care.answered(held_by(HANA), "", MORNING, an_act(HANA, 5))
    assert (change.event.details["by_hand"], change.after.messages) == (True, 1)
    seen = held_by(HANA).answer(an_act(HANA, 5), "Hana", MORNING)
    assert ("by_hand" in seen.event.details, seen.after.messages) == (False, 2)


def test_nobody_marks_as_answered_what_they_could_not_see() -> None:
    drawn = held_by(HANA)
    wrote = drawn.receive(a_message(), an_act(None, 3, "mail")).after
    assert refusal_of(lambda: care.answered(wrote, "", LATER, an_act(HANA, 5), drawn.version)).key == (
        "answered.wrote_again"
    )
    assert care.answered(wrote, "", MORNING, an_act(HANA, 5), wrote.version).after.status is CUSTOMER
    assert care.answered(wrote, "", MORNING, an_act(HANA, 5)).after.status is CUSTOMER, "typed, not pressed"
    moved = drawn.assign(KEN, an_act(EMMA, 3)).after
    assert refusal_of(lambda: care.answered(moved, "", MORNING, an_act(EMMA, 5), drawn.version)).key == (
        "inquiry.changed_hands"
    )


def test_an_answer_ends_a_wait_and_a_snooze() -> None:
    for one in (waiting(), snoozed()):
        after = care.answered(one, "", MORNING, an_act(HANA, 9)).after
        assert (after.status, after.waiting_until, after.waiting_for, after.snoozed_until) == (CUSTOMER, None, "", None)


# --- waits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", WAITING)
def test_a_wait_says_for_whom_and_until_when(status: Status) -> None:
    change = care.wait(snoozed(), status, LATER, "the warehouse", an_act(HANA, 6))
    after = change.after
    assert (after.status, after.waiting_until, after.waiting_for) == (status, LATER, "the warehouse")
    assert after.snoozed_until is None
    assert change.event.kind is EventKind.WAITED
    assert change.event.details == {"status": status.value, "until": LATER.isoformat(), "whom": "the warehouse"}


def test_a_wait_can_be_changed_while_it_lasts() -> None:
    after = care.wait(waiting(CUSTOMER), OTHERS, LATER + HOUR, "", an_act(HANA, 6)).after
    assert (after.status, after.waiting_until, after.waiting_for) == (OTHERS, LATER + HOUR, "")


@pytest.mark.parametrize("status", [one for one in Status if one not in WAITING])
def test_other_states_are_no_waits(status: Status) -> None:
    with pytest.raises(ValueError, match="nobody is waited for"):
        care.wait(held_by(HANA), status, LATER, "", an_act(HANA))


def test_nobody_waits_for_a_customer_who_wrote_meanwhile() -> None:
    drawn = held_by(HANA)
    wrote = drawn.receive(a_message(), an_act(None, 3, "mail")).after
    refusal = refusal_of(lambda: care.wait(wrote, CUSTOMER, LATER, "", an_act(HANA, 5), drawn.version))
    assert (refusal.key, refusal.number) == ("wait.wrote_again", 1001)


@pytest.mark.parametrize("minutes", [60, 61])
def test_a_wait_or_a_snooze_that_is_over_already_is_none(minutes: int) -> None:
    act = an_act(HANA, minutes)
    assert refusal_of(lambda: care.wait(held_by(HANA), CUSTOMER, LATER, "", act)).key == "when.past"
    assert refusal_of(lambda: care.snooze(held_by(HANA), LATER, act)).key == "when.past"


@pytest.mark.parametrize("status", WAITING)
def test_a_wait_ends_by_whom_it_concerns_or_by_time(status: Status) -> None:
    for act in (an_act(HANA, 9), an_act(EMMA, 9), NOBODY):
        change = care.resume(waiting(status), act)
        after = change.after
        assert change.event.kind is EventKind.RESUMED
        assert (after.status, after.holder, after.waiting_until, after.waiting_for) == (Status.OPEN, HANA, None, "")
    assert refusal_of(lambda: care.resume(waiting(status), an_act(KEN, 9))).key == "wait.held"


def test_a_wait_that_nobody_holds_ends_as_it_began() -> None:
    free = care.wait(an_inquiry(), OTHERS, LATER, "", an_act(KEN, 5)).after
    assert care.resume(free, an_act(KEN, 9)).after.status is Status.NEW


def test_only_a_wait_can_end() -> None:
    for one in (an_inquiry(), held_by(HANA), snoozed()):
        assert refusal_of(partial(care.resume, one, an_act(HANA))).key == "wait.not_waiting"


ENDS: dict[str, Callable[[Inquiry], Change]] = {
    "assigned": lambda one: one.assign(KEN, an_act(EMMA, 9)),
    "answered": lambda one: one.answer(an_act(HANA, 9), "Hana", MORNING),
    "resolved": lambda one: one.resolve("", an_act(HANA, 9)),
}


@pytest.mark.parametrize("what", ENDS)
@pytest.mark.parametrize("one", [waiting(CUSTOMER), waiting(OTHERS), snoozed()], ids=["customer", "others", "snoozed"])
def test_what_goes_on_ends_waits_and_snoozes(what: str, one: Inquiry) -> None:
    after = ENDS[what](one).after
    assert (after.waiting_until, after.waiting_for, after.snoozed_until) == (None, "", None)


def test_claiming_ends_a_wait_and_a_snooze() -> None:
    for one in (waiting(one=an_inquiry()), snoozed(an_inquiry())):
        after = one.claim(an_act(HANA, 9)).after
        assert (after.status, after.waiting_until, after.snoozed_until) == (Status.OPEN, None, None)


def test_the_customers_word_ends_a_wait_for_them_and_a_snooze_but_not_a_wait_for_others() -> None:
    wrote = an_act(None, 9, "mail")
    after = waiting(CUSTOMER).receive(a_message(), wrote).after
    assert (after.status, after.waiting_until, after.waiting_for) == (Status.OPEN, None, "")
    assert snoozed().receive(a_message(), wrote).after.snoozed_until is None
    after = waiting(OTHERS).receive(a_message(), wrote).after
    assert (after.status, after.waiting_until, after.waiting_for) == (OTHERS, LATER, "the warehouse")


# --- snoozes, extensions, keeping ---------------------------------------------------------------------------


def test_a_snooze_changes_nothing_else() -> None:
    one = held_by(HANA)
    change = care.snooze(one, LATER, an_act(HANA, 5))
    assert change.after == replace(one, version=3, snoozed_until=LATER)
    assert (change.event.kind, change.event.details) == (EventKind.SNOOZED, {"until": LATER.isoformat()})


def test_an_extension_is_told_with_its_reason_and_ends_a_snooze() -> None:
    change = care.extend(snoozed(), Target.FIRST_RESPONSE, 2 * HOUR, "the part is late", an_act(EMMA, 6))
    assert change.event.kind is EventKind.EXTENDED
    assert change.event.details == {"target": "first_response", "seconds": 7200, "note": "the part is late"}
    assert change.after.snoozed_until is None


def test_only_its_holder_keeps_it() -> None:
    assert care.keep(held_by(HANA), an_act(HANA, 5)).event.kind is EventKind.KEPT
    assert refusal_of(lambda: care.keep(held_by(HANA), an_act(KEN, 5))).key == "keep.held"
    assert refusal_of(lambda: care.keep(held_by(HANA), an_act(EMMA, 5))).key == "keep.held", "a supervisor neither"
    assert refusal_of(lambda: care.keep(an_inquiry(), an_act(HANA, 5))).key == "keep.free"
    assert refusal_of(lambda: care.keep(held_by(HANA), NOBODY)).key == "keep.held"


# --- tags ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["refund", " urgent "], ("refund", "urgent")),
        (["返金", "返金", "", "  "], ("返金",)),
        (["two   words"], ("two words",)),
        (["x" * 30] * 20, ("x" * 30,)),
        ([], ()),
    ],
)
def test_tags_replace_the_ones_before(given: list[str], wanted: tuple[str, ...]) -> None:
    change = care.tag(replace(held_by(HANA), tags=("old",)), given, an_act(KEN, 5))
    assert (change.after.tags, change.event.details) == (wanted, {"tags": list(wanted)})


@pytest.mark.parametrize("given", [[str(number) for number in range(9)], ["x" * 31]])
def test_too_many_or_too_long_tags(given: list[str]) -> None:
    assert refusal_of(lambda: care.tag(held_by(HANA), given, an_act(HANA))).key == "tag.many"


# --- lives --------------------------------------------------------------------------------------------------


def _step(one: Inquiry, chance: random.Random, minutes: int) -> Change:
    who = chance.choice([HANA, KEN, EMMA])
    act, mail = an_act(who, minutes), an_act(None, minutes, "mail")
    until = act.at + timedelta(minutes=chance.randrange(-5, 60))
    steps: list[Callable[[], Change]] = [
        lambda: one.claim(act),
        lambda: one.release(act),
        lambda: one.assign(chance.choice([HANA, KEN]), act),
        lambda: one.resolve("", act),
        lambda: one.reopen(act),
        lambda: one.receive(a_message(), mail),
        lambda: one.answer(mail, "Hana", MORNING),
        lambda: care.answered(one, "", MORNING, act),
        lambda: care.wait(one, chance.choice(WAITING), until, "them", act),
        lambda: care.resume(one, chance.choice([act, mail])),
        lambda: care.snooze(one, until, act),
        lambda: care.extend(one, chance.choice(list(Target)), HOUR, "", act),
        lambda: care.keep(one, act),
        lambda: care.tag(one, ["a"], act),
    ]
    return chance.choice(steps)()


@pytest.mark.parametrize("seed", range(5))
def test_in_any_life(seed: int) -> None:
    chance, one, happened = random.Random(seed), an_inquiry(), 0
    for minutes in range(2_000):
        try:
            change = _step(one, chance, minutes)
        except Refusal:
            continue
        after, happened = change.after, happened + 1
        assert (change.before, after.version, change.event.version) == (one, one.version + 1, one.version + 1)
        assert after.waiting_until is None or after.status in WAITING, "nobody is waited for unless the status says so"
        assert not after.waiting_for or after.waiting_until
        assert not (after.snoozed_until and after.is_resolved)
        if change.event.kind in (EventKind.WAITED, EventKind.SNOOZED):
            until = after.waiting_until or after.snoozed_until
            assert until is not None
            assert until > change.event.act.at
        if change.event.kind in (EventKind.CLAIMED, EventKind.ASSIGNED, EventKind.RESOLVED, EventKind.RESUMED):
            assert (after.waiting_until, after.snoozed_until) == (None, None)
        one = after
    assert happened > 200
