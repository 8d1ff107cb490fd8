"""Owing: what must have been said of an inquiry by now, worked out from what happened and from nothing else.

It is for the audit of the nudges, and shares nothing with them but the arithmetic of hours and clocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.events import Event, EventKind
from bot.domain.hours import BusinessHours, NeverOpen
from bot.domain.inquiry import Inquiry, Status
from bot.domain.levels import Level
from bot.domain.nudge import Told
from bot.domain.policy import Target
from bot.domain.sla import clocks
from bot.domain.timeline import WAITING, Extended, Moment, Resumed, Wait

RESUME = "resume"
"""The key of a wait that is over: it is a change, so that it is owed as long as the inquiry waits."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that is owed: the key under which it is noted, and since when nothing held it back any more."""

    key: str
    since: datetime


def owed(
    inquiry: Inquiry,
    events: Sequence[Event],
    level: Level | None,
    hours: BusinessHours | None,
    told: Told,
    now: datetime,
) -> list[Owed]:
    """What must have been said of an open inquiry by now, or done; `told` is what was noted, and when.

    Each counts from the last event on, if that came later: what happened may have brought it up.
    """
    if inquiry.is_resolved or inquiry.erased_at or not events:
        return []
    latest = max(one.act.at for one in events)
    found = list(_changes(inquiry, events))
    try:
        found += _reminders(inquiry, events, level, hours, told, now)
    except NeverOpen:
        found += _snoozed(inquiry, events)
    return [Owed(one.key, max(one.since, latest)) for one in found if one.since <= now]


def _changes(inquiry: Inquiry, events: Sequence[Event]) -> Iterator[Owed]:
    if inquiry.status in WAITING and (until := _waits_until(events)):
        yield Owed(RESUME, until)


def _reminders(
    inquiry: Inquiry,
    events: Sequence[Event],
    level: Level | None,
    hours: BusinessHours | None,
    told: Told,
    now: datetime,
) -> list[Owed]:
    found = list(_snoozed(inquiry, events))
    if level and hours:
        steps = clocks(moments(events), level.policy, hours).owed
        found += [Owed(step.key, step.at) for step in steps if step.at <= now]
        found += _untouched(inquiry, events, level, hours, told)
        found += _silent(inquiry, events, level, hours, told)
    until = inquiry.snoozed_until
    awake = [Owed(one.key, until if until and one.since < until else one.since) for one in found]
    if level is None or hours is None or level.policy.urgent:
        return awake
    return [Owed(one.key, hours.opens(one.since)) for one in awake if one.since <= now]


def _snoozed(inquiry: Inquiry, events: Sequence[Event]) -> Iterator[Owed]:
    last = _last(events, EventKind.SNOOZED)
    if inquiry.snoozed_until and last and inquiry.status not in WAITING:
        yield Owed(f"snoozed:{last.version}", inquiry.snoozed_until)


def _untouched(
    inquiry: Inquiry, events: Sequence[Event], level: Level, hours: BusinessHours, told: Told
) -> Iterator[Owed]:
    if not (level.untouched and inquiry.holder and inquiry.status is Status.OPEN):
        return
    began = [one for one in events if _begins_a_turn(one, inquiry)]
    if not began:
        return
    version, since = began[-1].version, max(one.act.at for one in began)
    key = f"untouched:{version}"
    yield Owed(key, hours.after(since, level.untouched))
    if level.hand_back and key in told:
        yield Owed(f"hand_back:{version}", hours.after(told[key], level.hand_back))


def _begins_a_turn(event: Event, inquiry: Inquiry) -> bool:
    """Whether somebody of the team did something, or it became their turn."""
    is_ours = event.act.agent is not None or event.kind is EventKind.ANSWERED
    return is_ours or event.act.at == inquiry.waiting_since


def _silent(
    inquiry: Inquiry, events: Sequence[Event], level: Level, hours: BusinessHours, told: Told
) -> Iterator[Owed]:
    began = _last(events, EventKind.ANSWERED, EventKind.WAITED)
    if began is None or inquiry.status is not Status.WAITING_ON_CUSTOMER:
        return
    key, since, zone = f"silent:{began.version}", began.act.at, ZoneInfo(hours.zone)
    remind, close = level.remind_after, level.offer_closing
    if remind is not None:
        yield Owed(key, hours.opens(_days(since, remind, zone)))
    if close is not None and (remind is None or key in told):
        pause = _days(told[key], max(close - remind, 0), zone) if remind is not None else since
        yield Owed(f"closing:{began.version}", hours.opens(max(_days(since, close, zone), pause)))


def _days(since: datetime, days: int, zone: ZoneInfo) -> datetime:
    """So many days later, at the same time by the clocks there."""
    return (since.astimezone(zone) + timedelta(days=days)).astimezone(UTC)


def moments(events: Sequence[Event]) -> list[Moment]:
    """The events as a timeline: those that clocks know by nouns of their own are told by them."""
    return [_moment(one) for one in events]


def _moment(event: Event) -> Moment:
    at, details = event.act.at, event.details
    match event.kind:
        case EventKind.WAITED:
            return Wait(at, Status(str(details["status"])), _until(event))
        case EventKind.RESUMED:
            return Resumed(at)
        case EventKind.EXTENDED:
            return Extended(at, Target(str(details["target"])), timedelta(seconds=float(str(details["seconds"]))))
    return event


def _waits_until(events: Sequence[Event]) -> datetime | None:
    """Until when is waited: what was said last of it, unless an answer began to wait for the customer since."""
    last = _last(events, EventKind.WAITED, EventKind.ANSWERED)
    return _until(last) if last and last.kind is EventKind.WAITED else None


def _until(event: Event) -> datetime | None:
    until = event.details.get("until")
    return datetime.fromisoformat(str(until)) if until else None


def _last(events: Sequence[Event], *kinds: EventKind) -> Event | None:
    return next((one for one in reversed(events) if one.kind in kinds), None)
