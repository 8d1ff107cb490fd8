"""What is to be said of an inquiry, when and to whom: worked out from what happened, the same whenever it is asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import care
from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.events import Act, Event, EventKind
from bot.domain.hours import BusinessHours
from bot.domain.inquiry import Change, Inquiry, Status
from bot.domain.levels import Level
from bot.domain.nudge import Nudge, NudgeKind, Rung, Told
from bot.domain.nudging import Plan, moments, plan, rungs, severity
from bot.domain.policy import Policy, Target
from bot.domain.timeline import Extended, Resumed, Wait
from tests.builders import EMMA, HANA, KEN, a_message, an_inquiry

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
NINE = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
"""Nine o'clock of a Wednesday in Tokyo; the team is there from then to six, Monday to Friday."""
TOKYO = BusinessHours("Asia/Tokyo", dict.fromkeys(range(5), ((time(9), time(18)),)))
NEVER = BusinessHours("Asia/Tokyo", {})
POLICY = Policy("standard", {Target.FIRST_RESPONSE: 2 * HOUR, Target.RESOLUTION: 8 * HOUR}, (50, 80), (HOUR, 2 * HOUR))
LEVEL = Level(
    policy=POLICY,
    calendar="office",
    person="emma",
    untouched=3 * HOUR,
    hand_back=HOUR,
    remind_after=3,
    offer_closing=7,
)
URGENT = replace(LEVEL, policy=replace(POLICY, urgent=True))


class Story:
    """An inquiry and what happens to it; `hours` are counted from nine."""

    def __init__(self, hours: float = 0) -> None:
        at = NINE + hours * HOUR
        self.inquiry = an_inquiry(opened_at=at, waiting_since=at)
        self.events = [Event(self.inquiry.number, 1, EventKind.OPENED, Act(at, "mail"))]

    def goes(self, change: Change) -> "Story":
        self.inquiry, self.events = change.after, [*self.events, change.event]
        return self

    def claimed(self, hours: float, agent: Agent = HANA) -> "Story":
        return self.goes(self.inquiry.claim(act(hours, agent)))

    def answered(self, hours: float) -> "Story":
        return self.goes(self.inquiry.answer(act(hours, None), "Hana", self.events[0].act.at))

    def wrote(self, hours: float) -> "Story":
        return self.goes(self.inquiry.receive(a_message(), act(hours, None)))

    def planned(
        self, level: Level | None = LEVEL, told: Told | None = None, hours: BusinessHours | None = TOKYO
    ) -> Plan:
        return plan(self.inquiry, self.events, level, hours if level else None, told or {})

    def listed(self, level: Level | None = LEVEL, told: Told | None = None) -> list[str]:
        return [one.key for one in self.planned(level, told).nudges]

    def ready(self, key: str, level: Level = LEVEL, told: Told | None = None) -> float:
        """After how many hours it may be said."""
        [one] = [each for each in self.planned(level, told).nudges if each.key == key]
        return (one.ready_at - NINE) / HOUR


def act(hours: float, agent: Agent | None) -> Act:
    return Act(NINE + hours * HOUR, "workspace", agent)


def a_nudge(kind: NudgeKind = NudgeKind.CLOCK, name: str = "", target: Target | None = None, key: str = "k") -> Nudge:
    return Nudge(kind=kind, key=key, at=NINE, ready_at=NINE, name=name, target=target)


# --- moments ------------------------------------------------------------------------------------------------


def test_waits_resumptions_and_extensions_are_moments_of_their_own_and_the_rest_stays() -> None:
    story = Story().claimed(1)
    story.goes(care.wait(story.inquiry, Status.WAITING_ON_THIRD_PARTY, NINE + DAY, "the bank", act(2, HANA)))
    story.goes(care.resume(story.inquiry, act(3, HANA)))
    story.goes(care.extend(story.inquiry, Target.RESOLUTION, HOUR, "a holiday", act(4, EMMA)))
    assert moments(story.events) == [
        *story.events[:2],
        Wait(NINE + 2 * HOUR, Status.WAITING_ON_THIRD_PARTY, NINE + DAY),
        Resumed(NINE + 3 * HOUR),
        Extended(NINE + 4 * HOUR, Target.RESOLUTION, HOUR),
    ]


# --- the plan -----------------------------------------------------------------------------------------------


def test_each_step_of_each_clock_is_planned_in_order_and_due_is_what_comes_first() -> None:
    planned = Story().planned()
    assert [one.key for one in planned.nudges] == [
        "first_response:1:0:warn-50",
        "first_response:1:0:warn-80",
        "first_response:1:0:due",
        "first_response:1:0:overdue-3600",
        "resolution:1:0:warn-50",
        "first_response:1:0:overdue-7200",
        "resolution:1:0:warn-80",
        "resolution:1:0:due",
        "resolution:1:0:overdue-3600",
        "resolution:1:0:overdue-7200",
    ]
    assert planned.due == (NINE + 2 * HOUR, Target.FIRST_RESPONSE)
    first = planned.nudges[0]
    assert (first.name, first.target, first.due) == ("warn-50", Target.FIRST_RESPONSE, NINE + 2 * HOUR)


def test_what_comes_up_as_the_team_leaves_waits_for_its_next_opening_unless_it_is_urgent() -> None:
    story = Story(hours=8)
    assert story.ready("first_response:1:0:warn-50") == 24, "at six in the evening"
    assert story.ready("first_response:1:0:warn-50", URGENT) == 9


def test_nothing_is_said_while_it_sleeps_and_then_that_it_woke() -> None:
    story = Story()
    story.goes(care.snooze(story.inquiry, NINE + 1.5 * HOUR, act(0.5, HANA)))
    assert story.ready("first_response:1:0:warn-50") == 1.5
    assert story.ready("first_response:1:0:warn-80") == 1.6
    assert story.ready("snoozed:2") == 1.5
    late = Story(hours=8)
    late.goes(care.snooze(late.inquiry, NINE + 10 * HOUR, act(8.5, HANA)))
    assert late.ready("snoozed:2") == 24
    assert late.ready("snoozed:2", URGENT) == 10
    assert [one.ready_at for one in late.planned(None).nudges] == [NINE + 10 * HOUR], "without a promise too"
    assert "snoozed:2" not in [one.key for one in late.wrote(9).planned().nudges], "the customer woke it"


def test_a_holder_who_does_nothing_is_asked_and_then_it_goes_back() -> None:
    story = Story().claimed(1)
    assert story.ready("untouched:2") == 4
    assert "hand_back:2" not in story.listed()
    told = {"untouched:2": NINE + 4.5 * HOUR}
    assert story.ready("hand_back:2", told=told) == 5.5
    assert "untouched:2" not in story.listed(told=told)
    story.goes(care.keep(story.inquiry, act(5, HANA)))
    assert story.ready("untouched:3", told=told) == 8
    assert "hand_back:2" not in story.listed(told=told)


def test_a_customer_who_writes_again_does_not_find_a_holder_who_has_done_nothing_for_weeks() -> None:
    story = Story().claimed(1).answered(2).wrote(14 * 24)
    assert story.ready("untouched:4") == 14 * 24 + 3
    story.wrote(14 * 24 + 1)
    assert story.ready("untouched:4") == 14 * 24 + 3, "more letters do not keep the holder from being asked"


def test_a_silent_customer_is_told_of_after_days_and_closing_offered_after_more() -> None:
    story = Story().claimed(1).answered(2)
    assert story.ready("silent:3") == 5 * 24, "on Saturday at eleven: on Monday at nine"
    assert "closing:3" not in story.listed()
    on_time = {"silent:3": NINE + 5 * DAY}
    assert story.ready("closing:3", told=on_time) == 9 * 24
    late = {"silent:3": NINE + 30 * DAY}
    assert story.ready("closing:3", told=late) == 34 * 24, "told late, it has its four days still"
    alone = replace(LEVEL, remind_after=None)
    assert story.ready("closing:3", alone) == 7 * 24 + 2
    assert not {"silent:3", "closing:3"} & set(story.wrote(100).listed())


def test_a_wait_ends_at_its_time_whatever_the_hours_and_clocks_stand_still_until_then() -> None:
    story = Story().claimed(0.5)
    story.goes(care.wait(story.inquiry, Status.WAITING_ON_CUSTOMER, NINE + 12 * HOUR, "", act(0.75, HANA)))
    assert story.ready("resume:3") == 12
    assert story.ready("first_response:1:0:warn-50") == 24.25, "a quarter of an hour of it was left"
    assert story.planned().due == (NINE + 25.25 * HOUR, Target.FIRST_RESPONSE)
    assert [one.key for one in story.planned(None).nudges] == ["resume:3"]
    story.goes(care.resume(story.inquiry, act(12, None)))
    assert "resume:3" not in story.listed()


def test_an_answer_ends_its_clock_and_resolving_all_of_them() -> None:
    story = Story().claimed(0.5).answered(1.5)
    assert not [key for key in story.listed() if key.startswith("first_response")]
    story.goes(story.inquiry.resolve("sent again", act(2, HANA)))
    assert story.planned() == Plan(())


def test_hours_that_never_open_promise_nothing_but_waits_end() -> None:
    story = Story().claimed(0.5)
    story.goes(care.wait(story.inquiry, Status.WAITING_ON_CUSTOMER, NINE + HOUR, "", act(0.75, HANA)))
    planned = story.planned(hours=NEVER)
    assert ([one.key for one in planned.nudges], planned.clocks, planned.due) == (["resume:3"], None, None)


def test_ready_is_what_may_be_said_by_now_and_next_what_follows() -> None:
    planned = Story().planned()
    assert [one.name for one in planned.ready(NINE + 2 * HOUR)] == ["warn-50", "warn-80", "due"]
    assert planned.next_at(NINE + 2 * HOUR) == NINE + 3 * HOUR
    assert planned.next_at(NINE + 100 * DAY) is None


# --- who, and what first ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "person", "expected"),
    [
        ("warn-80", "emma", (Rung.TEAM,)),
        ("due", "emma", (Rung.TEAM,)),
        ("overdue-3600", "emma", (Rung.TEAM, Rung.SUPERVISORS)),
        ("overdue-7200", "emma", (Rung.TEAM, Rung.PERSON)),
        ("overdue-7200", "", (Rung.TEAM, Rung.SUPERVISORS)),
    ],
)
def test_more_people_are_told_as_time_goes_by(name: str, person: str, expected: tuple[Rung, ...]) -> None:
    level = replace(LEVEL, person=person)
    assert rungs(a_nudge(name=name), Story().inquiry, level) == expected
    held = Story().claimed(1).inquiry
    assert rungs(a_nudge(name=name), held, level) == (Rung.HOLDER, *expected[1:])


@pytest.mark.parametrize(
    ("kind", "free", "held"),
    [
        (NudgeKind.SNOOZED, (Rung.TEAM,), (Rung.HOLDER,)),
        (NudgeKind.UNTOUCHED, (Rung.TEAM,), (Rung.HOLDER,)),
        (NudgeKind.SILENT, (Rung.TEAM,), (Rung.HOLDER,)),
        (NudgeKind.CLOSING, (Rung.TEAM,), (Rung.HOLDER,)),
        (NudgeKind.HAND_BACK, (Rung.TEAM,), (Rung.TEAM,)),
        (NudgeKind.RESUME, (), ()),
    ],
)
def test_what_is_no_clock_is_told_to_whoever_has_it(kind: NudgeKind, free: Any, held: Any) -> None:
    assert rungs(a_nudge(kind), Story().inquiry, LEVEL) == free
    assert rungs(a_nudge(kind), Story().claimed(1).inquiry, None) == held


def test_the_later_step_is_the_more_severe_and_of_two_the_answer() -> None:
    first, resolution = Target.FIRST_RESPONSE, Target.RESOLUTION
    ordered = [
        a_nudge(NudgeKind.SNOOZED),
        a_nudge(NudgeKind.SILENT),
        a_nudge(NudgeKind.CLOSING),
        a_nudge(name="warn-50", target=first),
        a_nudge(name="warn-80", target=resolution),
        a_nudge(name="warn-80", target=first),
        a_nudge(NudgeKind.UNTOUCHED),
        a_nudge(name="due", target=resolution),
        a_nudge(name="due", target=first),
        a_nudge(name="overdue-3600", target=resolution),
        a_nudge(name="overdue-36000", target=resolution),
    ]
    assert all(severity(one) < severity(other) for one, other in pairwise(ordered))


# --- whatever happens ---------------------------------------------------------------------------------------

VERBS = st.sampled_from(
    ("claim", "release", "write", "answer", "wait", "resume", "snooze", "extend", "keep", "resolve")
)
LIVES = st.lists(st.tuples(VERBS, st.integers(1, 3000)), max_size=12)


def lived(acts: Sequence[tuple[str, int]]) -> Story:
    """A story in which so many minutes lie between one thing and the next, as far as they can be done."""
    story, hours = Story(), 0.0
    for verb, minutes in acts:
        hours += minutes / 60
        try:
            story.goes(done(story, verb, hours))
        except Refusal:
            continue
    return story


def done(story: Story, verb: str, hours: float) -> Change:
    inquiry, now = story.inquiry, act(hours, story.inquiry.holder or KEN)
    match verb:
        case "write":
            return inquiry.receive(a_message(), act(hours, None))
        case "answer":
            return inquiry.answer(now, "Ken", story.events[0].act.at)
        case "wait":
            return care.wait(inquiry, Status.WAITING_ON_THIRD_PARTY, now.at + 5 * HOUR, "the bank", now)
        case "snooze":
            return care.snooze(inquiry, now.at + HOUR, now)
        case "extend":
            return care.extend(inquiry, Target.RESOLUTION, HOUR, "so", now)
        case "resolve":
            return inquiry.resolve("done", now)
        case "resume":
            return care.resume(inquiry, now)
        case "keep":
            return care.keep(inquiry, now)
        case "release":
            return inquiry.release(now)
        case _:
            return inquiry.claim(now)


@settings(max_examples=150, deadline=None)
@given(LIVES, st.randoms(use_true_random=False))
def test_a_plan_is_the_same_whatever_was_told_and_in_whatever_order(acts: list[tuple[str, int]], random: Any) -> None:
    story = lived(acts)
    for level in (LEVEL, URGENT, None):
        whole = story.planned(level).nudges
        assert story.planned(level).nudges == whole
        assert len({one.key for one in whole}) == len(whole)
        assert all(one.ready_at >= one.at for one in whole)
        told = {one.key: one.ready_at for one in random.sample(whole, random.randrange(len(whole) + 1))}
        left = [one for one in story.planned(level, told).nudges if one.kind not in LATER]
        assert left == [one for one in whole if one.key not in told and one.kind not in LATER]


LATER = (NudgeKind.HAND_BACK, NudgeKind.CLOSING)
"""What comes up only once something else was told."""


@settings(max_examples=150, deadline=None)
@given(LIVES)
def test_what_may_be_said_is_said_in_business_hours_and_not_while_it_sleeps(acts: list[tuple[str, int]]) -> None:
    story = lived(acts)
    for one in story.planned().nudges:
        if one.kind is not NudgeKind.RESUME:
            assert TOKYO.is_open(one.ready_at)
            slept = story.inquiry.snoozed_until
            assert slept is None or one.ready_at >= slept


@settings(max_examples=100, deadline=None)
@given(LIVES)
def test_what_is_told_when_it_is_ready_is_told_once(acts: list[tuple[str, int]]) -> None:
    """A process that looks whenever something gets ready, over the life of an inquiry and long after it."""
    told: dict[str, datetime] = {}
    story = lived(acts)
    now: datetime | None = story.events[-1].act.at
    for _ in range(100):
        if now is None:
            break
        ready = story.planned(told=told).ready(now)
        assert not {one.key for one in ready} & told.keys()
        told |= {one.key: now for one in ready}
        assert story.planned(told=told).ready(now) == ()
        now = story.planned(told=told).next_at(now)
    assert now is None, "everything was said at some time"
    assert isinstance(story.inquiry, Inquiry)
