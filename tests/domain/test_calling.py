"""Calling: what a talk with its customer does to an inquiry, and by what names a telephone is known."""

from datetime import timedelta

import pytest

from bot.domain import care
from bot.domain.calling import addresses, called, hung_up
from bot.domain.errors import Refusal
from bot.domain.events import EventKind
from bot.domain.inquiry import Status
from bot.domain.phone import Outcome
from tests.builders import EMMA, HANA, KEN, an_act, an_inquiry, held_by
from tests.support.clock import MORNING

MASKED = "090-••••-5678"


def test_whoever_talks_first_has_it_and_has_answered() -> None:
    change = called(an_inquiry(), an_act(HANA, 3), 7, MASKED)
    after = change.after
    assert (after.holder, after.held_since) == (HANA, MORNING + timedelta(minutes=3))
    assert after.status is Status.OPEN
    assert after.answered_at == after.waiting_since == MORNING + timedelta(minutes=3)
    assert change.event.kind is EventKind.CALLED
    assert change.event.details == {"call": 7, "caller": MASKED, "to": "Hana", "to_id": HANA.id}
    assert after.holder_version == after.version == 2


def test_what_somebody_has_stays_theirs() -> None:
    change = called(held_by(KEN), an_act(HANA, 3), 7, "")
    assert change.after.holder == KEN
    assert "to_id" not in change.event.details
    assert change.after.holder_version == change.before.holder_version
    assert change.after.answered_at == MORNING + timedelta(minutes=3)


@pytest.mark.parametrize("status", [Status.WAITING_ON_CUSTOMER, Status.WAITING_ON_THIRD_PARTY])
def test_nobody_is_waited_for_any_more(status: Status) -> None:
    waiting = care.wait(held_by(HANA), status, MORNING + timedelta(days=2), "the courier", an_act(HANA)).after
    after = called(waiting, an_act(HANA, 5), 7, "").after
    assert after.status is Status.OPEN
    assert (after.waiting_until, after.waiting_for, after.snoozed_until) == (None, "", None)
    assert after.waiting_since == MORNING + timedelta(minutes=5)


def test_who_has_talked_is_not_put_off_any_more() -> None:
    snoozed = care.snooze(held_by(HANA), MORNING + timedelta(hours=2), an_act(HANA)).after
    assert called(snoozed, an_act(HANA, 5), 7, "").after.snoozed_until is None


def test_a_call_that_is_told_late_takes_nothing_back() -> None:
    answered = held_by(HANA).answer(an_act(HANA, 30), "Hana", MORNING).after
    after = called(answered, an_act(HANA, 10), 7, "").after
    assert after.answered_at == MORNING + timedelta(minutes=30)
    assert after.waiting_since == max(answered.waiting_since, MORNING + timedelta(minutes=10))


def test_what_is_resolved_is_not_called_about() -> None:
    resolved = held_by(HANA).resolve("", an_act(HANA)).after
    with pytest.raises(Refusal, match=r"inquiry\.resolved"):
        called(resolved, an_act(HANA), 7, "")


def test_somebody_must_have_talked() -> None:
    with pytest.raises(ValueError, match="somebody"):
        called(an_inquiry(), an_act(None), 7, "")


def test_the_end_is_written_down_and_changes_nothing_else() -> None:
    change = hung_up(held_by(HANA), an_act(HANA, 9), 7, timedelta(seconds=95.6), Outcome.CALL_BACK, "at five")
    assert change.event.kind is EventKind.HUNG_UP
    assert change.event.details == {"call": 7, "seconds": 95, "outcome": "call_back", "note": "at five"}
    before, after = change.before, change.after
    assert (after.status, after.holder, after.waiting_since) == (before.status, before.holder, before.waiting_since)
    assert after.version == before.version + 1


def test_what_nobody_knows_of_the_end_is_left_out() -> None:
    assert hung_up(held_by(HANA), an_act(None), 7, None, None).event.details == {"call": 7}
    assert hung_up(held_by(HANA), an_act(None), 7, timedelta(), None).event.details == {"call": 7, "seconds": 0}


def test_what_is_resolved_by_then_stays_resolved() -> None:
    resolved = held_by(HANA).resolve("done", an_act(EMMA)).after
    after = hung_up(resolved, an_act(HANA, 5), 7, timedelta(minutes=5), None).after
    assert (after.status, after.note, after.resolved_at) == (Status.RESOLVED, "done", resolved.resolved_at)


def test_what_was_erased_is_left_alone() -> None:
    with pytest.raises(Refusal, match=r"inquiry\.erased"):
        hung_up(an_inquiry(erased_at=MORNING, status=Status.RESOLVED), an_act(HANA), 7, None, None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("201", ["201"]),
        (" Hana@Example.com", ["hana@example.com"]),
        ("client:Hana", ["client:hana", "hana"]),
        ("sip:201@pbx.example.com:5060;transport=tls",
         ["sip:201@pbx.example.com:5060;transport=tls", "201@pbx.example.com:5060", "201"]),
        ("090-1234-5678", ["090-1234-5678", "+819012345678"]),
        ("+81 90 1234 5678", ["+819012345678"]),
        ("sip:+819012345678@pbx.example.com",
         ["sip:+819012345678@pbx.example.com", "+819012345678@pbx.example.com", "+819012345678"]),
        ("tel:+81-90-1234-5678", ["tel:+81-90-1234-5678", "+81-90-1234-5678", "+819012345678"]),
        ("２０１", ["201"]),
        ("", []),
        ("sip:", ["sip:"]),
    ],
)  # fmt: skip
def test_the_names_of_a_telephone(given: str, expected: list[str]) -> None:
    found = addresses(given, "JP")
    assert set(found) >= set(expected)
    assert found[:1] == expected[:1]
    assert len(found) == len(set(found))
