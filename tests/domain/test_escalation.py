"""Escalations: who may do what at which point, and what each step leaves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.escalation import Escalation, EscalationState, For, Help, Post, Urgency, Verdict
from tests.builders import EMMA, HANA, KEN
from tests.support.clock import MORNING

YUI = replace(KEN, id=9, name="Yui")
LATER = MORNING + timedelta(minutes=5)
Step = Callable[[Escalation], Escalation]


def accepts(agent: Agent) -> Step:
    return lambda one: one.accept(agent, LATER)


def answers(agent: Agent, text: str = "Yes", verdict: Verdict | None = None) -> Step:
    return lambda one: one.give_answer(text, verdict, agent, LATER)


def passes(agent: Agent) -> Step:
    return lambda one: one.pass_on("Customs", "slack", "C2", agent)


def feeds_back(agent: Agent) -> Step:
    return lambda one: one.feed_back(True, "thanks", agent, LATER)


def withdrawn(one: Escalation) -> Escalation:
    return one.withdraw()


def asked(*steps: Step) -> Escalation:
    """Hana asked the people of a channel; then this happened."""
    one = Escalation(
        id=5, number=1001, at=MORNING, asker=HANA, help=Help.ANSWER, urgency=Urgency.NORMAL, content="Where is it?"
    )
    for step in steps:
        one = step(one)
    return one


def test_a_life() -> None:
    one = asked(accepts(KEN))
    assert (one.state, one.taken_by, one.taken_at, one.version) == (EscalationState.ACCEPTED, KEN, LATER, 2)
    one = answers(KEN, "In Osaka", Verdict.APPROVED)(one)
    assert (one.state, one.answer, one.verdict, one.answered_by) == ("answered", "In Osaka", "approved", KEN)
    one = feeds_back(HANA)(one)
    assert (one.state, one.is_helpful, one.feedback, one.version) == ("fed_back", True, "thanks", 4)
    assert withdrawn(one) == one, "what was answered stays answered"


def test_who_answers_at_once_has_it() -> None:
    one = asked(answers(KEN))
    assert (one.taken_by, one.taken_at, one.is_open) == (KEN, LATER, False)


def test_passed_on_it_is_free_again_and_hops_are_counted() -> None:
    one = asked(accepts(KEN), passes(KEN), passes(YUI))
    assert (one.state, one.hops, one.taken_by, one.taken_at) == ("asked", 2, None, None)
    assert (one.topic, one.platform, one.channel) == ("Customs", "slack", "C2")
    assert accepts(KEN)(one).taken_by == KEN


@pytest.mark.parametrize(
    ("before", "step", "key"),
    [
        ((), accepts(HANA), "escalate.own"),
        ((), answers(HANA), "escalate.own"),
        ((accepts(KEN),), accepts(KEN), "escalate.yours"),
        ((accepts(KEN),), accepts(YUI), "escalate.taken"),
        ((accepts(KEN),), accepts(EMMA), "escalate.taken"),
        ((accepts(KEN),), answers(YUI), "escalate.taken"),
        ((accepts(KEN),), passes(YUI), "escalate.taken"),
        ((accepts(KEN),), passes(HANA), "escalate.taken"),
        ((answers(KEN),), accepts(YUI), "escalate.answered"),
        ((answers(KEN),), answers(KEN), "escalate.answered"),
        ((answers(KEN), feeds_back(HANA)), passes(KEN), "escalate.answered"),
        ((withdrawn,), accepts(KEN), "escalate.withdrawn"),
        ((withdrawn,), answers(KEN), "escalate.withdrawn"),
        ((), feeds_back(HANA), "escalate.unanswered"),
        ((withdrawn,), feeds_back(HANA), "escalate.unanswered"),
        ((answers(KEN),), feeds_back(KEN), "escalate.not_asker"),
        ((answers(KEN), feeds_back(HANA)), feeds_back(HANA), "escalate.fed_back"),
    ],
)
def test_what_is_refused(before: tuple[Step, ...], step: Step, key: str) -> None:
    one = asked(*before)
    with pytest.raises(Refusal) as refused:
        step(one)
    assert refused.value.key == key


def test_supervisors_may_answer_and_pass_on_what_somebody_else_accepted() -> None:
    one = asked(accepts(KEN))
    assert answers(EMMA)(one).answered_by == EMMA
    assert answers(EMMA)(one).taken_by == KEN
    assert passes(EMMA)(one).hops == 1


def test_its_asker_may_ask_others_while_nobody_has_it() -> None:
    assert asked(passes(HANA)).hops == 1


def test_each_message_has_a_name_of_its_own() -> None:
    posts = [Post(of, "slack", "C1", hop) for of in For for hop in (0, 1)]
    assert [one.tag(5) for one in posts[:2]] == ["escalation5", "escalation5.1"]
    assert len({one.tag(5) for one in posts}) == len(posts)
    assert asked().telling(posts).telling(posts).posts == tuple(posts)
