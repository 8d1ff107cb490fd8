"""The clocks of an inquiry: what starts, stops and ends them, and equal to the slow model whatever happens."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from bot.domain import care
from bot.domain.agent import Agent
from bot.domain.calling import called
from bot.domain.errors import Refusal
from bot.domain.events import Act, Event, EventKind
from bot.domain.hours import BusinessHours, NeverOpen, RealTime
from bot.domain.inquiry import Change, Inquiry, Status
from bot.domain.nudging import moments
from bot.domain.policy import Policy, Target
from bot.domain.sla import Clock, Clocks, Step, clocks, preview
from bot.domain.timeline import Extended, Moment, Resumed, Wait
from tests.builders import EMMA, HANA, KEN, a_message, an_act, an_inquiry
from tests.domain.sla_vectors import CALENDARS, Vector, amount, vectors
from tests.domain.slow_sla import MINUTE, RESPONDED, SlowClock, SlowHours, slow_clocks, status_by
from tests.domain.test_hours import DAYS, EDGES, WORLDS, Make, by_the_wall, calendars, fast, without_breaks

Tell = Callable[[list[Moment]], list[Moment]]

HOUR = timedelta(hours=1)
FIRST, NEXT, RESOLUTION = Target
CUSTOMER, THIRD = Status.WAITING_ON_CUSTOMER, Status.WAITING_ON_THIRD_PARTY
MORNING = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
"""Nine o'clock in Tokyo, where lunch is from 12 to 13 and the day ends at 18."""
TOKYO = fast(CALENDARS["tokyo"])
DAY_AND_NIGHT = Policy("day and night", {FIRST: HOUR, NEXT: 2 * HOUR, RESOLUTION: 8 * HOUR}, urgent=True)
POLICY = Policy("standard", {FIRST: HOUR, NEXT: 2 * HOUR, RESOLUTION: 8 * HOUR}, overdue=(HOUR,))


def event(kind: EventKind, hours: float, agent: Agent | None = HANA) -> Event:
    """Something that happened so many hours after nine."""
    return Event(1001, 1, kind, Act(MORNING + timedelta(hours=hours), "mail", agent))


def opened(hours: float = 0) -> Event:
    return event(EventKind.OPENED, hours, None)


def wrote(hours: float) -> Event:
    return event(EventKind.MESSAGE_RECEIVED, hours, None)


def answered(hours: float) -> Event:
    return event(EventKind.ANSWERED, hours)


def resolved(hours: float) -> Event:
    return event(EventKind.RESOLVED, hours)


def reopened(hours: float, agent: Agent | None) -> Event:
    return event(EventKind.REOPENED, hours, agent)


def after(hours: float) -> datetime:
    return MORNING + timedelta(hours=hours)


def clock(target: Target, *told: Moment, policy: Policy = POLICY) -> Clock:
    """The last clock of a target after all of that."""
    found = clocks(told, policy, TOKYO).of(target)
    assert found
    return found


# --- the slow, obvious model --------------------------------------------------------------------------------

LIVES = 300
"""How many inquiries each calendar sees; there are 16 calendars a zone."""
KINDS = (
    EventKind.MESSAGE_RECEIVED,
    EventKind.ANSWERED,
    EventKind.CALLED,
    EventKind.CLAIMED,
    EventKind.RELEASED,
    EventKind.FOLDED,
)


def a_life(random: Random, start: datetime, length: int) -> list[Moment]:
    """What may happen to an inquiry within so many minutes, as it happened."""
    minutes = sorted(random.choices(range(length), k=random.randrange(1, 11)))
    told: list[Moment] = []
    for minute in minutes:
        at = start + minute * MINUTE
        told.append(_something(random, at, told))
    return told


def _something(random: Random, at: datetime, told: Sequence[Moment]) -> Moment:
    def happened(kind: EventKind, agent: Agent | None = HANA) -> Event:
        return Event(1001, len(told) + 1, kind, Act(at, "mail", agent))

    if not told:
        return happened(EventKind.OPENED, None)
    if status_by(told) is Status.RESOLVED:
        erased = any(isinstance(one, Event) and one.kind is EventKind.ERASED for one in told)
        again = happened(EventKind.REOPENED, random.choice((HANA, None)))
        return happened(EventKind.ANSWERED) if erased or random.random() < 0.2 else again
    kind = random.choice((*KINDS, "wait", "wait", "resume", "extend", "resolve", "resolve", "erase"))
    match kind:
        case EventKind():
            return happened(kind)
        case "wait":
            until = at + random.randrange(1, 2000) * MINUTE if random.random() < 0.5 else None
            return Wait(at, random.choice((CUSTOMER, THIRD)), until)
        case "resume":
            return Resumed(at)
        case "extend":
            return Extended(at, random.choice(tuple(Target)), random.randrange(1, 60) * 10 * MINUTE)
        case _:
            gone = kind == "erase" and random.random() < 0.2
            return happened(EventKind.ERASED if gone else EventKind.RESOLVED)


def a_policy(random: Random) -> Policy:
    """Targets of full ten minutes, so that all shares of them are full minutes."""
    targets = {target: random.randrange(1, 120) * 10 * MINUTE for target in Target}
    overdue = (HOUR, 3 * HOUR)[: random.randrange(3)]
    return Policy("any", targets, (20, 50, 80)[random.randrange(3) :], overdue, urgent=random.random() < 0.2)


def as_written_down(random: Random, told: Sequence[Moment]) -> list[Moment]:
    """The same, but that some answers and calls were noticed late, or bear the time of a wrong clock."""
    written = [wrongly_dated(random, one) for one in told]
    told = list(written)
    for answer in told:
        if isinstance(answer, Event) and answer.kind in RESPONDED and random.random() < 0.5:
            place = written.index(answer)
            later = [one for one in written[place + 1 :] if at_of(one) > answer.act.at]
            if len(later) == len(written) - place - 1:
                written.insert(place + random.randrange(len(later) + 1), written.pop(place))
    return written


def wrongly_dated(random: Random, moment: Moment) -> Moment:
    if not (isinstance(moment, Event) and moment.kind in RESPONDED) or random.random() < 0.8:
        return moment
    return replace(moment, act=replace(moment.act, at=moment.act.at - random.randrange(600) * MINUTE))


def at_of(moment: Moment) -> datetime:
    return moment.act.at if isinstance(moment, Event) else moment.at


def disagreements(make: Make, zone: str, seed: int, tell: Tell = list) -> Iterator[str]:
    """Where clocks differ from the model's, in words; nothing when they never do."""
    random, compared = Random(f"{seed} {zone}"), 0
    for calendar, start, _ in calendars(zone, random):
        model, hours = SlowHours(calendar, start, DAYS), make(calendar)
        for _ in range(LIVES):
            told, policy = a_life(random, start, DAYS * 24 * 60 * 2 // 3), a_policy(random)
            written = as_written_down(random, told)
            try:
                found = as_the_model(clocks(tell(written), policy, hours), model)
            except NeverOpen:
                continue
            expected = slow_clocks(written, policy, model)
            compared += sum(one.due is not None for one in expected.values())
            if found != expected:
                yield f"seed {seed}: {written}, {policy}, {calendar}:\n{found}, not\n{expected}"
    assert compared > 1.5 * WORLDS * LIVES


def as_the_model(found: Clocks, model: SlowHours) -> dict[str, SlowClock]:
    """The clocks in the model's words; what lies beyond its days is not known there."""

    def minute(at: datetime | None) -> int | None:
        return model.minute(at) if at and model.minute(at) <= model.minutes else None

    return {
        f"{one.target}:{one.episode}": SlowClock(
            started=model.minute(one.started_at),
            ended=minute(one.ended_at),
            due=minute(one.due),
            steps={step.key: at for step in one.steps for at in [minute(step.at)] if at is not None},
        )
        for one in found.all
    }


@pytest.mark.parametrize("zone", EDGES)
def test_equal_to_the_slow_model(zone: str) -> None:
    seed = secrets.randbits(32)
    assert next(disagreements(fast, zone, seed), None) is None


def without_waits(told: list[Moment]) -> list[Moment]:
    """A wrong way: clocks that never stand still but after an answer."""
    return [one for one in told if not isinstance(one, Wait)]


def without_ends_of_waits(told: list[Moment]) -> list[Moment]:
    """A wrong way: a wait that only somebody ends."""
    return [replace(one, until=None) if isinstance(one, Wait) else one for one in told]


def as_noticed(told: list[Moment]) -> list[Moment]:
    """A wrong way: an answer counts from when it was noticed."""
    latest, noticed = at_of(told[0]), list[Moment]()
    for one in told:
        latest = max(latest, at_of(one))
        noticed.append(replace(one, act=replace(one.act, at=latest)) if isinstance(one, Event) else one)
    return noticed


def as_sent(told: list[Moment]) -> list[Moment]:
    """A wrong way: an answer stands before all that bears a later time, so that a claim since then ends waiting."""
    found = list[Moment]()
    for one in told:
        place = len(found)
        while (
            place > 1
            and isinstance(one, Event)
            and one.kind is EventKind.ANSWERED
            and at_of(found[place - 1]) > at_of(one)
        ):
            place -= 1
        found.insert(place, one)
    return found


@pytest.mark.parametrize("tell", [without_waits, without_ends_of_waits, as_noticed, as_sent])
def test_wrong_ways_to_read_a_timeline_are_found_out(tell: Tell) -> None:
    assert next(disagreements(fast, "Asia/Tokyo", 7, tell), None) is not None


@pytest.mark.parametrize("wrong", [by_the_wall, without_breaks])
def test_wrong_hours_are_found_out(wrong: Make) -> None:
    assert next(disagreements(wrong, "Europe/London", 7), None) is not None


def test_clocks_stand_still_as_the_status_says() -> None:
    """What people do to an inquiry, and its status each time: the clock of the resolution runs when it should.

    Answers are noticed late, or bear the time of a wrong clock.
    """
    seen: set[Status] = set()
    for seed in range(300):
        random, inquiry = Random(seed), an_inquiry()
        told = [Event(1001, 1, EventKind.OPENED, an_act(None))]
        for minutes in range(1, 16):
            act = an_act(random.choice((HANA, KEN, EMMA)), minutes)
            try:
                change = something_done(random, inquiry, act, spoken_at(told))
            except Refusal:
                continue
            inquiry = change.after
            told.append(change.event)
            resolution = clocks(moments(told), DAY_AND_NIGHT, TOKYO).of(RESOLUTION)
            assert resolution
            assert (resolution.ended_at is not None) is inquiry.is_resolved
            assert resolution.runs_at(act.at) is (inquiry.status in (Status.NEW, Status.OPEN)), told
            seen.add(inquiry.status)
    assert seen == set(Status)


def spoken_at(told: Sequence[Event]) -> datetime:
    """When the customer wrote last."""
    wrote = (EventKind.OPENED, EventKind.MESSAGE_RECEIVED, EventKind.REOPENED)
    return max(one.act.at for one in told if one.kind in wrote and one.act.agent is None)


def something_done(random: Random, inquiry: Inquiry, act: Act, spoken: datetime) -> Change:
    sent = replace(act, at=act.at - random.choice((0, 0, 1, 2, 5)) * MINUTE)
    return random.choice(
        (
            lambda: inquiry.claim(act),
            lambda: inquiry.release(act),
            lambda: inquiry.assign(random.choice((HANA, KEN)), act),
            lambda: inquiry.resolve("done", act),
            lambda: inquiry.reopen(act),
            lambda: inquiry.receive(a_message(), replace(act, agent=None)),
            lambda: inquiry.answer(sent, "Hana", spoken),
            lambda: inquiry.fold(3, a_message(), replace(act, agent=None)),
            lambda: care.wait(inquiry, THIRD, act.at + HOUR, "", act),
            lambda: care.resume(inquiry, act),
            lambda: called(inquiry, sent, 7, ""),
        )
    )()


# --- vectors checked by hand --------------------------------------------------------------------------------

BY_HAND = [vector for vector in vectors() if ": opened" in vector.ask]


def due_of(vector: Vector, hours: BusinessHours) -> str:
    """When the resolution of a vector's timeline is due."""
    target, _, story = vector.ask.partition(": ")
    told = [told_moment(vector, words) for words in story.split("; ")]
    found = clocks(told, Policy("by hand", {RESOLUTION: amount(target)}), hours).of(RESOLUTION)
    assert found
    return vector.told(found.due) if found.due else "never"


def told_moment(vector: Vector, words: str) -> Moment:
    verb, _, rest = words.partition(" ")
    match verb:
        case "opened":
            return Event(1001, 1, EventKind.OPENED, Act(vector.moment(rest), "mail"))
        case "waits":
            at, _, until = rest.partition(" until ")
            return Wait(vector.moment(at), THIRD, vector.moment(until) if until else None)
        case "resumes":
            return Resumed(vector.moment(rest))
    at, _, by = rest.partition(" by ")
    return Extended(vector.moment(at), RESOLUTION, amount(by))


@pytest.mark.parametrize("vector", BY_HAND, ids=lambda vector: vector.ask)
def test_checked_by_hand(vector: Vector) -> None:
    assert due_of(vector, fast(CALENDARS[vector.hours])) == vector.expected, vector.why


@pytest.mark.parametrize("wrong", [by_the_wall, without_breaks])
def test_wrong_hours_fail_the_vectors_too(wrong: Make) -> None:
    assert [one for one in BY_HAND if due_of(one, wrong(CALENDARS[one.hours])) != one.expected]


# --- rules, one by one --------------------------------------------------------------------------------------


def test_the_first_response_runs_until_the_first_answer() -> None:
    running = clock(FIRST, opened())
    assert (running.due, running.ended_at, running.is_broken) == (after(1), None, False)
    met = clock(FIRST, opened(), answered(0.5), wrote(0.75), answered(2))
    assert (met.episode, met.due, met.ended_at, met.is_broken) == (1, after(1), after(0.5), False)


@pytest.mark.parametrize(("hours", "is_broken"), [(0.99, False), (1, False), (1.01, True), (30, True)])
def test_an_answer_at_the_very_moment_is_in_time(hours: float, is_broken: bool) -> None:
    assert clock(FIRST, opened(), answered(hours)).is_broken is is_broken


def test_the_next_response_runs_from_the_first_message_after_an_answer() -> None:
    assert clocks([opened(), wrote(0.1), wrote(0.2)], POLICY, TOKYO).of(NEXT) is None
    assert clock(NEXT, opened(), answered(0.5), wrote(0.75), wrote(0.9)).due == after(2.75)
    second = clock(NEXT, opened(), answered(0.5), wrote(0.75), answered(1), wrote(1.5))
    assert (second.episode, second.started_at, second.due) == (2, after(1.5), after(4.5))


def test_a_flood_and_passing_it_on_start_nothing() -> None:
    folded, released = event(EventKind.FOLDED, 0.6, None), event(EventKind.RELEASED, 0.7)
    told = [opened(), answered(0.5), folded, released]
    assert clocks(told, POLICY, TOKYO).open == clocks(told[:2], POLICY, TOKYO).open


def test_an_answer_makes_the_resolution_wait_for_the_customer() -> None:
    assert clock(RESOLUTION, opened(), answered(1)).due is None
    assert clock(RESOLUTION, opened(), answered(1), wrote(2)).due == after(24 + 1)
    assert clock(RESOLUTION, opened(), answered(1), wrote(2)).left(after(2), TOKYO) == 7 * HOUR


def test_a_message_does_not_end_waiting_for_a_third_party() -> None:
    told: list[Moment] = [opened(), answered(0.5), Wait(after(0.75), THIRD), wrote(1)]
    assert clock(NEXT, *told).due is None
    assert clock(NEXT, *told, Resumed(after(1.5))).due == after(4.5)
    assert clock(NEXT, opened(), answered(0.5), Wait(after(0.75), CUSTOMER), wrote(1)).due == after(3)


def test_until_when_somebody_is_waited_for_is_forgotten_once_it_goes_on() -> None:
    told: list[Moment] = [opened(), Wait(after(0.5), THIRD, after(5)), Resumed(after(0.75))]
    assert clock(FIRST, *told).due == after(1.25)
    assert clock(FIRST, *told, Wait(after(1), THIRD)).due is None
    assert clock(RESOLUTION, *told, resolved(1)).ended_at == after(1)


def test_resolving_ends_what_was_owed() -> None:
    told = clocks([opened(), resolved(0.5)], POLICY, TOKYO)
    assert [(one.target, one.ended_at, one.is_broken) for one in told.all] == [
        (FIRST, after(0.5), False),
        (RESOLUTION, after(0.5), False),
    ]
    assert (told.open, told.owed, told.due) == ((), (), None)


def test_reopened_by_the_team_all_goes_on_with_what_was_left() -> None:
    told = clocks([opened(), resolved(0.5), reopened(2, HANA)], POLICY, TOKYO)
    assert [(one.target, one.episode, one.due) for one in told.open] == [
        (FIRST, 1, after(2.5)),
        (RESOLUTION, 1, after(24 + 1.5)),
    ]


def test_reopened_by_the_customer_all_starts_anew() -> None:
    told = clocks([opened(), answered(0.25), resolved(0.5), reopened(1, None)], POLICY, TOKYO)
    assert [(one.target, one.episode, one.due) for one in told.open] == [
        (RESOLUTION, 2, after(25)),
        (NEXT, 1, after(3)),
    ]


def test_what_is_answered_after_resolving_is_not_owed_again() -> None:
    told = clocks([opened(), resolved(0.5), answered(0.6), reopened(1, HANA)], POLICY, TOKYO)
    assert [one.target for one in told.open] == [RESOLUTION]


def test_what_was_erased_owes_nothing() -> None:
    erased = [opened(), event(EventKind.ERASED, 0.5, None)]
    assert clocks(erased, POLICY, TOKYO).open == ()
    assert clocks([*erased, wrote(1)], POLICY, TOKYO).open == ()


def test_an_answer_noticed_late_counts_from_when_it_was_sent() -> None:
    """The folder of sent mail was read after Resolve was pressed, and after the customer had written once more."""
    claimed = event(EventKind.CLAIMED, 1.5)
    assert clock(FIRST, opened(), claimed, resolved(2), answered(0.9)).ended_at == after(0.9)
    crossed = clocks([opened(), wrote(1.2), answered(0.9)], POLICY, TOKYO)
    assert [(one.target, one.started_at) for one in crossed.open] == [(RESOLUTION, after(0)), (NEXT, after(1.2))]
    assert crossed.due == after(4.2)


def test_a_call_told_late_counts_from_when_they_talked_and_answers_nothing_written_since() -> None:
    """The desk was down for an hour, in which a customer called, and wrote, and was claimed."""
    talked, claimed = event(EventKind.CALLED, 0.9), event(EventKind.CLAIMED, 1.5)
    assert clock(FIRST, opened(), claimed, talked).ended_at == after(0.9)
    crossed = clocks([opened(), wrote(1.2), talked], POLICY, TOKYO)
    assert [(one.target, one.started_at) for one in crossed.open] == [(RESOLUTION, after(0)), (NEXT, after(1.2))]
    before = clocks([opened(1), talked], POLICY, TOKYO)
    assert [one.target for one in before.open] == [FIRST, RESOLUTION]


def test_clocks_of_several_machines_never_turn_time_back() -> None:
    told = [opened(), event(EventKind.CLAIMED, 0.5), resolved(0.52), reopened(0.49, HANA)]
    assert clock(RESOLUTION, *told).due == after(8 + 1)
    extended = Extended(after(7.3), RESOLUTION, 2 * HOUR)
    steps = clock(RESOLUTION, opened(), event(EventKind.CLAIMED, 7.5), extended).steps
    assert [step.extension for step in steps if step.name == "warn-80"] == [0, 1]
    assert [one.ended_at for one in clocks(told, POLICY, TOKYO).all] == [None, None]


# --- the ladder ---------------------------------------------------------------------------------------------


def said(steps: Sequence[Step]) -> list[tuple[str, datetime]]:
    return [(step.name, step.at) for step in steps]


def test_the_ladder_counts_business_time() -> None:
    assert said(clock(RESOLUTION, opened(2)).owed) == [
        ("warn-50", after(2 + 4 + 1)),
        ("warn-80", after(24.4)),
        ("due", after(26)),
        ("overdue-3600", after(27)),
    ]


def test_an_urgent_ladder_counts_real_time() -> None:
    urgent = replace(POLICY, urgent=True)
    assert said(clock(RESOLUTION, opened(8), policy=urgent).owed) == [
        ("warn-50", after(12)),
        ("warn-80", after(14.4)),
        ("due", after(16)),
        ("overdue-3600", after(17)),
    ]


def test_only_what_fell_due_before_the_answer_stays_and_none_of_it_is_owed() -> None:
    met = clock(FIRST, opened(), answered(0.9))
    assert said(met.steps) == [("warn-50", after(0.5)), ("warn-80", after(0.8))]
    assert met.owed == ()


def test_a_clock_that_stands_still_owes_what_it_passed_before() -> None:
    assert said(clock(FIRST, opened(), Wait(after(0.6), THIRD)).owed) == [("warn-50", after(0.5))]


def test_an_extension_makes_a_new_ladder_of_what_lies_behind_it() -> None:
    extended = clock(RESOLUTION, opened(), Extended(after(7.5), RESOLUTION, 2 * HOUR))
    assert (extended.total, extended.extensions, extended.due) == (10 * HOUR, 1, after(26))
    assert said(extended.steps) == [
        ("warn-50", after(5)),
        ("warn-80", after(7.4)),
        ("warn-80", after(9)),
        ("due", after(26)),
        ("overdue-3600", after(27)),
    ]
    assert extended.owed == extended.steps[2:]
    assert len({step.key for step in extended.steps}) == 5


def test_an_extension_is_for_the_clock_that_is_open() -> None:
    more = Extended(after(2), FIRST, HOUR)
    assert clock(FIRST, opened(), answered(1), more).extensions == 0
    assert clock(RESOLUTION, opened(), more).extensions == 0


def test_steps_keep_their_keys_whatever_follows() -> None:
    told: list[Moment] = [opened(), Wait(after(0.6), THIRD), Resumed(after(4)), answered(4.1), wrote(4.5), resolved(5)]
    keys = [{step.key for one in clocks(told[:n], POLICY, TOKYO).all for step in one.steps} for n in range(1, 7)]
    assert keys[0] >= keys[-1] - {"next_response:1:0:warn-50"}
    assert "first_response:1:0:warn-50" in set.intersection(*keys)
    more = replace(POLICY, warn=(25, 50, 80), overdue=(HOUR / 2, HOUR))
    assert {step.key for step in clocks(told[:1], more, TOKYO).owed} > keys[0]


def test_a_target_that_is_not_promised_has_no_clock() -> None:
    told = clocks([opened(), answered(0.5), wrote(1)], Policy("answers", {NEXT: HOUR}), TOKYO)
    assert [(one.target, one.due) for one in told.all] == [(NEXT, after(2))]


def test_what_is_owed_comes_in_the_order_of_time() -> None:
    told = clocks([opened(), wrote(0.2)], POLICY, TOKYO)
    assert len(told.owed) == 8
    assert [step.at for step in told.owed] == sorted(step.at for step in told.owed)
    assert told.due == after(1)


def test_how_much_is_left() -> None:
    first = clock(FIRST, opened(), Wait(after(0.25), THIRD), Resumed(after(2.5)))
    assert [first.left(after(hours), TOKYO) for hours in (0, 0.25, 2, 2.5, 3.5, 5)] == [
        HOUR,
        0.75 * HOUR,
        0.75 * HOUR,
        0.75 * HOUR,
        0.25 * HOUR,
        -0.75 * HOUR,
    ]
    assert first.left(after(5), RealTime()) == -1.75 * HOUR


# --- preview ------------------------------------------------------------------------------------------------


def test_a_mail_of_friday_evening_is_due_on_tuesday() -> None:
    """Friday 17 July 2026, 17:35; Monday is 海の日."""
    friday = datetime(2026, 7, 17, 8, 35, tzinfo=UTC)
    promised = preview(Policy("half an hour", {FIRST: HOUR / 2, RESOLUTION: 8 * HOUR}), TOKYO, friday)
    assert [(one.target, one.due) for one in promised.all] == [
        (FIRST, datetime(2026, 7, 21, 0, 5, tzinfo=UTC)),
        (RESOLUTION, datetime(2026, 7, 21, 8, 35, tzinfo=UTC)),
    ]


def test_a_preview_is_what_comes_true() -> None:
    told = clocks([opened(30)], POLICY, TOKYO)
    assert [preview(POLICY, TOKYO, after(30)).of(one.target) for one in told.all] == list(told.all)
    assert preview(POLICY, TOKYO, after(1)).of(NEXT) == replace(
        clock(NEXT, opened(-1), answered(0), wrote(1)), started_at=after(1)
    )


# --- what cannot be -----------------------------------------------------------------------------------------


def test_hours_that_never_open_say_so() -> None:
    with pytest.raises(NeverOpen, match="never open"):
        clocks([opened()], POLICY, BusinessHours("UTC", {}))


@pytest.mark.parametrize(
    "fields",
    [{"targets": {FIRST: timedelta()}}, {"overdue": (timedelta(),)}, {"warn": (0,)}, {"warn": (100,)}],
    ids=["no time", "overdue at once", "warned at once", "warned when due"],
)
def test_policies_that_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="of the policy standard must"):
        replace(POLICY, **fields)


def test_moments_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="nobody is waited for while an inquiry is open"):
        Wait(MORNING, Status.OPEN)
    with pytest.raises(ValueError, match="more time"):
        Extended(MORNING, FIRST, timedelta())
