"""Whatever people and customers do to an inquiry, in any order and with buttons of any age: what always holds."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.inquiry import Change, Inquiry, Status
from tests.builders import EMMA, HANA, KEN, a_message, an_act, an_inquiry

PEOPLE = st.sampled_from([HANA, KEN, EMMA])
AGES = st.none() | st.integers(min_value=0, max_value=4)
"""How many versions old the pressed button is; None: the command was typed."""


class Life(RuleBasedStateMachine):
    """One inquiry and all that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.past: list[Inquiry] = [an_inquiry()]
        self.minutes = 0

    @property
    def now(self) -> Inquiry:
        return self.past[-1]

    def seen(self, age: int | None) -> Inquiry | None:
        return None if age is None else self.past[max(len(self.past) - 1 - age, 0)]

    def take(self, change: Change) -> None:
        assert change.before == self.now
        assert change.event.version == change.after.version == self.now.version + 1
        self.past.append(change.after)

    def later(self) -> int:
        self.minutes += 1
        return self.minutes

    @rule(who=PEOPLE)
    def claim(self, who: Agent) -> None:
        free = self.now.holder is None and not self.now.is_resolved
        try:
            change = self.now.claim(an_act(who, self.later()))
        except Refusal:
            assert not free
        else:
            assert free
            self.take(change)

    @rule(who=PEOPLE, age=AGES)
    def release(self, who: Agent, age: int | None) -> None:
        seen = self.seen(age)
        try:
            change = self.now.release(an_act(who, self.later()), seen.version if seen else None)
        except Refusal:
            return
        assert self.now.holder == who or who == EMMA
        assert seen is None or seen.holder == self.now.holder
        self.take(change)

    @rule(who=PEOPLE, to=PEOPLE, age=AGES)
    def assign(self, who: Agent, to: Agent, age: int | None) -> None:
        seen = self.seen(age)
        try:
            change = self.now.assign(to, an_act(who, self.later()), seen.version if seen else None)
        except Refusal:
            return
        assert self.now.holder in (None, who) or who == EMMA
        assert seen is None or seen.holder == self.now.holder
        self.take(change)

    @rule(who=PEOPLE, age=AGES)
    def resolve(self, who: Agent, age: int | None) -> None:
        seen = self.seen(age)
        try:
            change = self.now.resolve("done", an_act(who, self.later()), seen.version if seen else None)
        except Refusal:
            return
        assert self.now.holder in (None, who) or who == EMMA
        assert seen is None or (seen.holder, seen.messages) == (self.now.holder, self.now.messages)
        self.take(change)

    @rule(who=PEOPLE)
    def reopen(self, who: Agent) -> None:
        resolved = self.now.is_resolved
        try:
            change = self.now.reopen(an_act(who, self.later()))
        except Refusal:
            assert not resolved
        else:
            assert resolved
            self.take(change)

    @rule()
    def write_again(self) -> None:
        self.take(self.now.receive(a_message(), an_act(None, self.later())))

    @invariant()
    def nothing_is_known_from_the_future(self) -> None:
        assert 1 <= self.now.spoken_version <= self.now.version
        assert 1 <= self.now.holder_version <= self.now.version

    @invariant()
    def versions_say_when_it_changed_hands_and_when_the_customer_spoke(self) -> None:
        if len(self.past) == 1:
            return
        before, after = self.past[-2:]
        assert (after.holder_version == after.version) == (after.holder != before.holder)
        assert (after.spoken_version == after.version) == (after.messages > before.messages)

    @invariant()
    def whoever_has_it_has_it_since_a_time(self) -> None:
        assert (self.now.holder is None) == (self.now.held_since is None)

    @invariant()
    def a_resolved_one_has_a_holder_and_a_time(self) -> None:
        assert self.now.is_resolved == (self.now.resolved_at is not None)
        assert self.now.holder is not None or not self.now.is_resolved

    @invariant()
    def what_somebody_has_is_not_new(self) -> None:
        assert self.now.holder is None or self.now.status is not Status.NEW

    @invariant()
    def the_waiting_never_grows_by_itself(self) -> None:
        assert [one.waiting_since for one in self.past] == sorted(one.waiting_since for one in self.past)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
