"""Nudging: what is to be said of an inquiry and when, worked out from what happened to it; who is told; what counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.events import Event, EventKind
from bot.domain.hours import BusinessHours, NeverOpen
from bot.domain.inquiry import Inquiry, Status
from bot.domain.levels import Level
from bot.domain.nudge import Nudge, NudgeKind, Rung, Told
from bot.domain.policy import Target
from bot.domain.sla import Clocks, clocks
from bot.domain.timeline import WAITING, Extended, Moment, Resumed, Wait

EFFECTS = (NudgeKind.RESUME, NudgeKind.HAND_BACK)
"""Nudges that change the inquiry."""
WARNING, DUE, OVERDUE = "warn-", "due", "overdue-"
"""What the names of a clock's steps begin with; see `Policy.ladder`."""

Severity = tuple[int, int, bool, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be said of an inquiry if nothing happens, in the order in which it gets ready; and its clocks.

    `clocks` is None when nothing is promised of it any more, or its team never is there again.
    """

    nudges: tuple[Nudge, ...]
    clocks: Clocks | None = None

    @property
    def due(self) -> tuple[datetime, Target] | None:
        """When the first of the open clocks is due, and what it promises."""
        return self.clocks.due_first if self.clocks else None

    def ready(self, now: datetime) -> tuple[Nudge, ...]:
        """What is to be said or done by now."""
        return tuple(one for one in self.nudges if one.ready_at <= now)

    def next_at(self, now: datetime) -> datetime | None:
        """When the first thing after now is to be said or done."""
        return min((one.ready_at for one in self.nudges if one.ready_at > now), default=None)


def moments(events: Iterable[Event]) -> list[Moment]:
    """What happened to an inquiry, as its clocks read it."""
    return [_moment(one) for one in events]


def plan(
    inquiry: Inquiry, events: Sequence[Event], level: Level | None, hours: BusinessHours | None, told: Told
) -> Plan:
    """What is still to be said of an inquiry: nothing that was `told`, and nothing once it is resolved.

    `events` are all of its events in the order of their versions, `hours` those of the level. The same comes out
    whenever it is worked out, and in whatever order things were told. Without a level, or with hours that never open
    again, only waits and snoozes end.
    """
    if inquiry.is_resolved:
        return Plan(())
    if level and hours:
        try:
            found = clocks(moments(events), level.policy, hours)
            promised = [*_steps(found), *_promised(inquiry, events, level, hours, told)]
            held = [_held(one, inquiry, level, hours) for one in (*promised, *_asked(inquiry, events))]
            return _planned([*held, *_resumed(inquiry, events)], told, found)
        except NeverOpen:
            pass
    return _planned([*_asked(inquiry, events), *_resumed(inquiry, events)], told)


def rungs(nudge: Nudge, inquiry: Inquiry, level: Level | None) -> tuple[Rung, ...]:
    """Who is told: its holder or, as long as nobody has it, the team; and who answers for them as time goes by.

    The first step after the due time tells supervisors too, the later ones the person whom the level names.
    """
    if nudge.kind is NudgeKind.RESUME:
        return ()
    if nudge.kind is NudgeKind.HAND_BACK:
        return (Rung.TEAM,)
    first = Rung.HOLDER if inquiry.holder else Rung.TEAM
    if nudge.kind is not NudgeKind.CLOCK or not nudge.name.startswith(OVERDUE):
        return (first,)
    steps = sorted(set(level.policy.overdue)) if level else []
    is_first = not steps or _seconds(nudge.name) <= int(f"{steps[0].total_seconds():.0f}")
    person = level.person if level else ""
    return (first, Rung.PERSON if person and not is_first else Rung.SUPERVISORS)


def severity(nudge: Nudge) -> Severity:
    """Compares nudges of one inquiry: the greatest is the one to be told when several are ready at once.

    The later step of a clock before the earlier, and of two that are as late, an answer before a resolution.
    """
    is_answer = nudge.target in (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE)
    return (*_weight(nudge), is_answer, nudge.key)


def _weight(nudge: Nudge) -> tuple[int, int]:
    match nudge.kind:
        case NudgeKind.CLOCK if nudge.name.startswith(OVERDUE):
            return 9, _seconds(nudge.name)
        case NudgeKind.CLOCK if nudge.name == DUE:
            return 8, 0
        case NudgeKind.FOLLOW_UP:
            return 7, 0
        case NudgeKind.UNTOUCHED:
            return 6, 0
        case NudgeKind.CLOCK:
            return 5, int(nudge.name.removeprefix(WARNING) or 0)
        case NudgeKind.CLOSING:
            return 4, 0
        case NudgeKind.SILENT:
            return 3, 0
        case NudgeKind.HAND_BACK:
            return 2, 0
        case _:
            return 1, 0


def _seconds(name: str) -> int:
    return int(name.removeprefix(OVERDUE))


def _moment(event: Event) -> Moment:
    details, at = event.details, event.act.at
    match event.kind:
        case EventKind.WAITED:
            until = details.get("until")
            return Wait(at, Status(str(details["status"])), datetime.fromisoformat(str(until)) if until else None)
        case EventKind.RESUMED:
            return Resumed(at)
        case EventKind.EXTENDED:
            return Extended(at, Target(str(details["target"])), timedelta(seconds=float(str(details["seconds"]))))
        case _:
            return event


def _planned(nudges: Iterable[Nudge], told: Told, found: Clocks | None = None) -> Plan:
    untold = (one for one in nudges if one.key not in told)
    return Plan(tuple(sorted(untold, key=lambda one: (one.ready_at, severity(one)))), found)


def _steps(found: Clocks) -> Iterator[Nudge]:
    for clock in found.open:
        for step in clock.owed:
            yield _nudge(NudgeKind.CLOCK, step.key, step.at, target=step.target, name=step.name, due=clock.due)


def _promised(
    inquiry: Inquiry, events: Sequence[Event], level: Level, hours: BusinessHours, told: Told
) -> Iterator[Nudge]:
    """What a level reminds of besides its clocks."""
    if inquiry.status is Status.OPEN and inquiry.holder and level.untouched:
        yield from _untouched(inquiry, events, level, hours, told)
    if inquiry.status is Status.WAITING_ON_CUSTOMER:
        yield from _silent(events, level, hours, told)


def _untouched(
    inquiry: Inquiry, events: Sequence[Event], level: Level, hours: BusinessHours, told: Told
) -> Iterator[Nudge]:
    """Its holder is asked, and after that it goes back to the team. Each act of the team begins this anew.

    So does what made it their turn again: a customer who wrote after weeks has not been kept waiting for weeks.
    """
    begins = (EventKind.ANSWERED, EventKind.RESUMED)
    acts = [one for one in events if one.act.agent or one.kind in begins or one.act.at == inquiry.waiting_since]
    if not acts or level.untouched is None:
        return
    version, since = acts[-1].version, max(one.act.at for one in acts)
    key = f"{NudgeKind.UNTOUCHED}:{version}"
    yield _nudge(NudgeKind.UNTOUCHED, key, hours.after(since, level.untouched))
    if key in told and level.hand_back is not None:
        at = hours.after(told[key], level.hand_back)
        yield _nudge(NudgeKind.HAND_BACK, f"{NudgeKind.HAND_BACK}:{version}", at)


def _silent(events: Sequence[Event], level: Level, hours: BusinessHours, told: Told) -> Iterator[Nudge]:
    """The customer has not answered for days; after more of them, closing is offered. Each answer begins this anew."""
    asked = next((one for one in reversed(events) if one.kind in (EventKind.ANSWERED, EventKind.WAITED)), None)
    if asked is None:
        return
    reminded = f"{NudgeKind.SILENT}:{asked.version}"
    if level.remind_after is not None:
        yield _nudge(NudgeKind.SILENT, reminded, _days_after(asked.act.at, level.remind_after, hours))
    if level.offer_closing is not None and (level.remind_after is None or reminded in told):
        at = _days_after(asked.act.at, level.offer_closing, hours)
        if level.remind_after is not None:  # who was reminded late has as many days after it as was laid down
            at = max(at, _days_after(told[reminded], max(level.offer_closing - level.remind_after, 0), hours))
        yield _nudge(NudgeKind.CLOSING, f"{NudgeKind.CLOSING}:{asked.version}", at)


def _asked(inquiry: Inquiry, events: Sequence[Event]) -> Iterator[Nudge]:
    """A snooze is over."""
    snoozed = next((one for one in reversed(events) if one.kind is EventKind.SNOOZED), None)
    if snoozed and inquiry.snoozed_until and inquiry.status not in WAITING:
        yield _nudge(NudgeKind.SNOOZED, f"{NudgeKind.SNOOZED}:{snoozed.version}", inquiry.snoozed_until)


def _resumed(inquiry: Inquiry, events: Sequence[Event]) -> Iterator[Nudge]:
    """The time of waiting is over; nothing holds that back."""
    waited = next((one for one in reversed(events) if one.kind is EventKind.WAITED), None)
    if waited and inquiry.waiting_until and inquiry.status in WAITING:
        yield _nudge(NudgeKind.RESUME, f"{NudgeKind.RESUME}:{waited.version}", inquiry.waiting_until)


def _held(nudge: Nudge, inquiry: Inquiry, level: Level, hours: BusinessHours) -> Nudge:
    """The nudge as it may be said: not while the inquiry sleeps, and in business hours unless its policy is urgent."""
    ready = max(nudge.at, inquiry.snoozed_until.astimezone(UTC)) if inquiry.snoozed_until else nudge.at
    if not level.policy.urgent or nudge.kind in (NudgeKind.SILENT, NudgeKind.CLOSING):
        ready = hours.opens(ready)
    return replace(nudge, ready_at=ready)


def _nudge(
    kind: NudgeKind,
    key: str,
    at: datetime,
    target: Target | None = None,
    name: str = "",
    due: datetime | None = None,
) -> Nudge:
    moment = at.astimezone(UTC)
    return Nudge(kind=kind, key=key, at=moment, ready_at=moment, target=target, name=name, due=due)


def _days_after(at: datetime, days: int, hours: BusinessHours) -> datetime:
    """At the same time of the day, by the clocks of the team, so many days later."""
    return (at.astimezone(ZoneInfo(hours.zone)) + timedelta(days=days)).astimezone(UTC)
