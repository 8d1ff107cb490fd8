"""The rules of claim, release, assign, resolve, reopen and receive, each allowed and refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal
from bot.domain.events import EventKind
from bot.domain.inquiry import EXCERPT_LENGTH, Change, Inquiry, Status, excerpt
from bot.domain.message import Attachment
from tests.builders import EMMA, HANA, KEN, a_message, an_act, an_inquiry, held_by
from tests.support.clock import MORNING

GONE = Agent(9, "Yuto", None)


def refusal_of(change: Callable[[], Change]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        change()
    return refused.value


def test_claiming_makes_the_asker_the_holder() -> None:
    change = an_inquiry().claim(an_act(HANA, minutes=5))
    assert (change.after.holder, change.after.status) == (HANA, Status.OPEN)
    assert change.after.held_since == MORNING + timedelta(minutes=5)
    assert (change.event.kind, change.event.version) == (EventKind.CLAIMED, 2)


def test_the_second_claim_is_told_who_has_it_and_since_when() -> None:
    refusal = refusal_of(lambda: an_inquiry().claim(an_act(HANA, minutes=5)).after.claim(an_act(KEN, minutes=6)))
    assert (refusal.key, refusal.number) == ("claim.held", 1001)
    assert (refusal.details["holder"], refusal.details["since"]) == ("Hana", MORNING + timedelta(minutes=5))


def test_claiming_what_is_yours_is_refused_in_words_of_its_own() -> None:
    assert refusal_of(lambda: held_by(HANA).claim(an_act(HANA))).key == "claim.yours"


def test_not_even_a_supervisor_claims_what_somebody_holds() -> None:
    assert refusal_of(lambda: held_by(HANA).claim(an_act(EMMA))).key == "claim.held"


@pytest.mark.parametrize(
    "ask",
    [
        lambda one: one.claim(an_act(HANA)),
        lambda one: one.release(an_act(HANA)),
        lambda one: one.assign(KEN, an_act(HANA)),
        lambda one: one.resolve("again", an_act(HANA)),
    ],
    ids=["claim", "release", "assign", "resolve"],
)
def test_a_resolved_inquiry_only_opens_again(ask: Callable[[Inquiry], Change]) -> None:
    resolved = held_by(HANA).resolve("sent anew", an_act(HANA, minutes=9)).after
    refusal = refusal_of(lambda: ask(resolved))
    assert refusal.key == "inquiry.resolved"
    assert (refusal.details["holder"], refusal.details["since"]) == ("Hana", MORNING + timedelta(minutes=9))
    assert resolved.reopen(an_act(KEN)).after.status is Status.OPEN


@pytest.mark.parametrize("who", [HANA, EMMA], ids=["its holder", "a supervisor"])
def test_releasing_gives_it_back_to_the_team(who: Agent) -> None:
    change = held_by(HANA).release(an_act(who))
    assert (change.after.holder, change.after.held_since) == (None, None)
    assert change.event.details == {"from": "Hana"}


def test_what_somebody_held_who_has_left_goes_back_by_itself() -> None:
    change = held_by(GONE).release(an_act(None, minutes=3, source="slack"))
    assert (change.after.holder, change.after.held_since, change.after.version) == (None, None, 3)
    assert change.event.details == {"from": "Yuto"}
    assert change.event.act == an_act(None, minutes=3, source="slack")
    assert refusal_of(lambda: change.after.release(an_act(None))).key == "release.free"
    resolved = held_by(HANA).resolve("done", an_act(HANA)).after
    assert refusal_of(lambda: resolved.release(an_act(None))).key == "inquiry.resolved"


def test_releasing_is_refused_to_others_and_when_nobody_has_it() -> None:
    assert refusal_of(lambda: held_by(HANA).release(an_act(KEN))).key == "release.held"
    assert refusal_of(lambda: an_inquiry().release(an_act(KEN))).key == "release.free"


@pytest.mark.parametrize(
    ("inquiry", "who"),
    [(an_inquiry(), HANA), (held_by(HANA), HANA), (held_by(HANA), EMMA)],
    ids=["an agent, what is free", "its holder", "a supervisor, what another holds"],
)
def test_assigning_hands_it_over(inquiry: Inquiry, who: Agent) -> None:
    change = inquiry.assign(KEN, an_act(who))
    assert (change.after.holder, change.event.kind) == (KEN, EventKind.ASSIGNED)
    assert change.event.details == {"to": "Ken", "to_id": KEN.id}


def test_assigning_is_refused_where_it_must_be() -> None:
    assert refusal_of(lambda: held_by(HANA).assign(EMMA, an_act(KEN))).key == "assign.held"
    assert refusal_of(lambda: held_by(HANA).assign(HANA, an_act(EMMA))).key == "assign.has_it"
    assert refusal_of(lambda: an_inquiry().assign(GONE, an_act(EMMA))).key == "assign.not_agent"


@pytest.mark.parametrize(
    ("inquiry", "who", "holder"),
    [(held_by(HANA), HANA, HANA), (an_inquiry(), KEN, KEN), (held_by(HANA), EMMA, HANA)],
    ids=["its holder", "anybody, what is free", "a supervisor, what another holds"],
)
def test_resolving_closes_it_with_the_note(inquiry: Inquiry, who: Agent, holder: Agent) -> None:
    change = inquiry.resolve("sent anew", an_act(who, minutes=9))
    after = change.after
    assert (after.status, after.note, after.holder) == (Status.RESOLVED, "sent anew", holder)
    assert after.resolved_at == MORNING + timedelta(minutes=9)
    assert after.held_since is not None
    assert change.event.details == {"note": "sent anew"}


def test_resolving_what_another_holds_is_refused() -> None:
    refusal = refusal_of(lambda: held_by(HANA).resolve("", an_act(KEN)))
    assert (refusal.key, refusal.details["holder"]) == ("resolve.held", "Hana")


def test_reopening_keeps_the_holder_and_starts_the_waiting_anew() -> None:
    resolved = held_by(HANA).resolve("", an_act(HANA, minutes=9)).after
    after = resolved.reopen(an_act(KEN, minutes=30)).after
    assert (after.status, after.holder, after.resolved_at) == (Status.OPEN, HANA, None)
    assert after.waiting_since == MORNING + timedelta(minutes=30)
    assert refusal_of(lambda: after.reopen(an_act(KEN))).key == "reopen.open"


@pytest.mark.parametrize(
    "ask",
    [
        lambda one: one.claim(an_act(None)),
        lambda one: one.assign(KEN, an_act(None)),
        lambda one: one.resolve("", an_act(None)),
    ],
    ids=["claim", "assign", "resolve"],
)
def test_only_people_decide(ask: Callable[[Inquiry], Change]) -> None:
    with pytest.raises(ValueError, match="person of the team"):
        ask(held_by(HANA))


# --- what the customer writes ---------------------------------------------------------------------------


def test_a_further_message_joins_and_the_customer_waits_since_the_first() -> None:
    more = a_message(reply_text="Hello?", attachments=(Attachment("a.png", "image/png", 9),))
    change = held_by(HANA).receive(more, an_act(None, minutes=20, source="mail"))
    after = change.after
    assert (after.messages, after.excerpt, after.attachments) == (2, "Hello?", 1)
    assert (after.waiting_since, after.holder, after.status) == (MORNING, HANA, Status.OPEN)
    assert (change.event.kind, after.spoken_version) == (EventKind.MESSAGE_RECEIVED, after.version)


def test_a_new_inquiry_stays_new_when_its_customer_writes_again() -> None:
    assert an_inquiry().receive(a_message(), an_act(None)).after.status is Status.NEW


def test_a_message_reopens_what_was_resolved() -> None:
    resolved = held_by(HANA).resolve("done", an_act(HANA)).after
    change = resolved.receive(a_message(), an_act(None, minutes=50))
    assert (change.event.kind, change.after.status) == (EventKind.REOPENED, Status.OPEN)
    assert (change.after.holder, change.after.resolved_at) == (HANA, None)
    assert change.after.waiting_since == MORNING + timedelta(minutes=50)


def test_whoever_was_waited_for_lets_us_wait_from_then_on() -> None:
    waiting = replace(held_by(HANA), status=Status.WAITING_ON_CUSTOMER)
    assert waiting.receive(a_message(), an_act(None, minutes=7)).after.waiting_since == MORNING + timedelta(minutes=7)


def test_cards_show_the_reply_without_the_quote_and_cut_where_it_is_long() -> None:
    assert excerpt(a_message(text="Hi\n> old", reply_text="Hi ")) == "Hi"
    assert excerpt(a_message(text="all of it", reply_text="")) == "all of it"
    long = excerpt(a_message(reply_text="x" * (EXCERPT_LENGTH + 1)))
    assert long == "x" * EXCERPT_LENGTH + "…"


# --- old buttons ----------------------------------------------------------------------------------------


def test_an_old_resolve_does_not_close_over_a_message_that_its_presser_could_not_see() -> None:
    seen = held_by(HANA)
    now = seen.receive(a_message(), an_act(None, minutes=3)).after
    assert refusal_of(lambda: now.resolve("", an_act(HANA), seen.version)).key == "resolve.wrote_again"
    assert now.resolve("", an_act(HANA), now.version).after.is_resolved


def test_an_old_release_does_not_undo_a_hand_over_that_its_presser_could_not_see() -> None:
    seen = held_by(HANA)
    now = seen.assign(KEN, an_act(EMMA)).after
    refusal = refusal_of(lambda: now.release(an_act(EMMA), seen.version))
    assert (refusal.key, refusal.details["holder"]) == ("inquiry.changed_hands", "Ken")
    assert now.release(an_act(EMMA), now.version).after.holder is None


def test_an_old_resolve_is_told_that_it_was_given_back() -> None:
    seen = held_by(HANA)
    now = seen.release(an_act(HANA)).after
    assert refusal_of(lambda: now.resolve("", an_act(HANA), seen.version)).key == "inquiry.released"


def test_an_old_assign_does_not_take_from_a_holder_unseen() -> None:
    seen = an_inquiry()
    now = seen.claim(an_act(HANA)).after
    assert refusal_of(lambda: now.assign(KEN, an_act(EMMA), seen.version)).key == "inquiry.changed_hands"


def test_who_resolved_an_unclaimed_one_holds_it_and_an_old_button_knows() -> None:
    seen = an_inquiry()
    reopened = seen.resolve("", an_act(KEN)).after.reopen(an_act(HANA)).after
    assert reopened.holder == KEN
    assert refusal_of(lambda: reopened.resolve("", an_act(EMMA), seen.version)).key == "inquiry.changed_hands"


def test_an_old_claim_goes_through_while_nobody_has_it() -> None:
    wrote_again = an_inquiry().receive(a_message(), an_act(None)).after
    assert wrote_again.claim(an_act(KEN)).after.holder == KEN


def test_what_changed_without_mattering_does_not_stop_an_old_button() -> None:
    seen = held_by(HANA)
    wrote_again = seen.receive(a_message(), an_act(None)).after
    assert wrote_again.release(an_act(HANA), seen.version).after.holder is None


# --- roles ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "as_agent", "as_supervisor"), [(HANA, True, False), (EMMA, True, True), (GONE, False, False)]
)
def test_roles(who: Agent, as_agent: bool, as_supervisor: bool) -> None:
    assert (who.may(Role.AGENT), who.may(Role.SUPERVISOR)) == (as_agent, as_supervisor)
