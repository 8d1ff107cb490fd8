"""The slow, obvious model of business time: a table that holds for every minute whether the team is there.

Nothing is computed from the ends of spans: each minute looks at a clock on the wall there, and amounts are counted.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.events import Event, EventKind
from bot.domain.hours import Span
from bot.domain.inquiry import Status
from bot.domain.policy import Policy, Target
from bot.domain.timeline import WAITING, Extended, Moment, Resumed, Wait

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Calendar:
    """Hours as they are written down, with holidays and closing days as one set of dates."""

    zone: str
    week: Mapping[int, tuple[Span, ...]]
    shut: frozenset[date]
    extra: Mapping[date, tuple[Span, ...]]

    def is_open_by(self, wall: datetime) -> bool:
        """Whether the clock on the wall shows a time of work. A time that is told twice is for the caller."""
        day = wall.date()
        spans = self.extra[day] if day in self.extra else () if day in self.shut else self.week.get(day.weekday(), ())
        minute = wall.hour * 60 + wall.minute
        return any(
            start.hour * 60 + start.minute <= minute < (end.hour * 60 + end.minute or 24 * 60) for start, end in spans
        )


class SlowHours:
    """So many days from a moment on, minute by minute. What lies further away is None: it is not known."""

    def __init__(self, calendar: Calendar, start: datetime, days: int) -> None:
        self.start, self.minutes = start, days * 24 * 60
        self.is_there = bytearray(self.minutes)
        zone, latest = ZoneInfo(calendar.zone), datetime(1, 1, 1)  # noqa: DTZ001 - a clock on a wall
        for minute in range(self.minutes):
            # Clocks that are put back tell an hour again: what began by the first telling has begun, what ended ended.
            latest = max(latest, (start + minute * MINUTE).astimezone(zone).replace(tzinfo=None))
            self.is_there[minute] = calendar.is_open_by(latest)
        self.open_minutes = [minute for minute in range(self.minutes) if self.is_there[minute]]

    def moment(self, second: int) -> datetime:
        return self.start + timedelta(seconds=second)

    def minute(self, moment: datetime) -> int:
        return (moment - self.start) // MINUTE

    def minutes_in(self, since: int, until: int, all_of_them: bool) -> Sequence[int]:
        """The minutes of work between two, or all minutes."""
        if all_of_them:
            return range(since, until)
        return self.open_minutes[bisect_left(self.open_minutes, since) : bisect_left(self.open_minutes, until)]

    def is_open(self, second: int) -> bool:
        return bool(self.is_there[second // 60])

    def opens(self, second: int) -> int | None:
        if self.is_open(second):
            return second
        first = self.is_there.find(1, second // 60)
        return None if first < 0 else first * 60

    def closes(self, second: int) -> int | None:
        opening = self.opens(second)
        end = -1 if opening is None else self.is_there.find(0, opening // 60)
        return None if end < 0 else end * 60

    def between(self, since: int, until: int) -> int:
        """Seconds: all of the minutes that are begun, without the pieces that are too much on both sides."""
        if since >= until:
            return 0
        whole = self.is_there.count(1, since // 60, until // 60) * 60
        return whole - since % 60 * self.is_there[since // 60] + until % 60 * self.is_open(until)

    def after(self, second: int, amount: int) -> int | None:
        """The end of the minute of work by which the amount, more than nothing, is counted."""
        first = second // 60
        counted = amount + second % 60 * self.is_there[first]
        number = bisect_left(self.open_minutes, first) + (counted - 1) // 60
        if number >= len(self.open_minutes):
            return None
        return self.open_minutes[number] * 60 + (counted - 1) % 60 + 1


@dataclass(frozen=True)
class SlowClock:
    """What is to be known of a clock: minutes since the model's start, and the steps' moments by their keys."""

    started: int
    ended: int | None
    due: int | None
    steps: Mapping[str, int]


def slow_clocks(told: Sequence[Moment], policy: Policy, hours: SlowHours) -> dict[str, SlowClock]:
    """The clocks of a timeline told as it happened, by "target:episode".

    Every question is asked of the whole story so far, again and again: what was the status by then, what ended that.
    """
    story = _with_ends_of_waits(told)
    statuses = [status_by(story[: number + 1]) for number in range(len(story))]
    found: dict[str, SlowClock] = {}
    for target in policy.targets:
        for episode, (first, last) in enumerate(_episodes(story, statuses, target), 1):
            found[f"{target}:{episode}"] = _slow_clock(
                _Lived(story, statuses, first, last), f"{target}:{episode}", policy, target, hours
            )
    return found


def status_by(story: Sequence[Moment]) -> Status:
    """The status after all of the story."""
    if not story:
        return Status.NEW
    last, before = story[-1], status_by(story[:-1])
    if isinstance(last, Event):
        kind = last.kind
        if kind in (EventKind.RESOLVED, EventKind.ERASED):
            return Status.RESOLVED
        if kind is EventKind.REOPENED:
            return Status.OPEN
        if before is Status.RESOLVED:
            return before
        if kind in (EventKind.CLAIMED, EventKind.ASSIGNED):
            return Status.OPEN
        if kind is EventKind.ANSWERED:
            return Status.WAITING_ON_CUSTOMER
        if kind is EventKind.MESSAGE_RECEIVED and before is Status.WAITING_ON_CUSTOMER:
            return Status.OPEN
    elif before is not Status.RESOLVED:
        if isinstance(last, Wait):
            return last.status
        if isinstance(last, Resumed) and before in WAITING:
            return Status.OPEN
    return before


def _with_ends_of_waits(told: Sequence[Moment]) -> list[Moment]:
    """The story, in which the end of a wait is told like everything else."""
    story: list[Moment] = []
    for moment in told:
        end = _end_of_wait(story)
        if end and end <= _at(moment):
            story.append(Resumed(end))
        story.append(moment)
    end = _end_of_wait(story)
    return [*story, Resumed(end)] if end else story


def _end_of_wait(story: Sequence[Moment]) -> datetime | None:
    """Until when is waited after all of the story: that of the last wait, unless an answer made it wait anew."""
    if status_by(story) not in WAITING:
        return None
    began = next(one for one in reversed(story) if isinstance(one, Wait) or _is(one, EventKind.ANSWERED))
    return began.until if isinstance(began, Wait) else None


def _episodes(story: Sequence[Moment], statuses: Sequence[Status], target: Target) -> list[tuple[int, int | None]]:
    """From where until where in the story each clock of a target was open."""
    if target is Target.RESOLUTION:
        starts = [number for number, one in enumerate(story) if _is(one, EventKind.OPENED) or _is_reopened(one, True)]
        return [(start, _resolved(story, start)) for start in starts]
    responses: list[tuple[int, int | None]] = []
    for number, one in enumerate(story):
        wrote = _is(one, EventKind.MESSAGE_RECEIVED) and statuses[number - 1] is not Status.RESOLVED
        asked = wrote or _is(one, EventKind.OPENED) or _is_reopened(one, True)
        if asked and all(end is not None and end < number for _, end in responses):
            responses.append((number, _responded(story, number)))
    return responses[:1] if target is Target.FIRST_RESPONSE else responses[1:]


def _resolved(story: Sequence[Moment], start: int) -> int | None:
    for number in range(start, len(story)):
        again = (one for one in story[number:] if _is(one, EventKind.REOPENED))
        taken_back = _is_reopened(next(again, None), False)
        if _is(story[number], EventKind.ERASED) or (_is(story[number], EventKind.RESOLVED) and not taken_back):
            return number
    return None


def _responded(story: Sequence[Moment], start: int) -> int | None:
    for number in range(start, len(story)):
        after = (one for one in story[number:] if _is(one, EventKind.REOPENED, EventKind.ANSWERED))
        taken_back = _is_reopened(next(after, None), False)
        if _is(story[number], EventKind.ERASED, EventKind.ANSWERED):
            return number
        if _is(story[number], EventKind.RESOLVED) and not taken_back:
            return number
    return None


@dataclass(frozen=True)
class _Lived:
    """A clock's part of a story: from the moment that started it until the one that ended it, if any did."""

    story: Sequence[Moment]
    statuses: Sequence[Status]
    first: int
    last: int | None

    def moments(self) -> range:
        return range(self.first, len(self.story) if self.last is None else self.last)

    def minute(self, number: int, hours: SlowHours) -> int:
        """When that moment was; after the last one, the end of all that is known."""
        return hours.minutes if number >= len(self.story) else hours.minute(_at(self.story[number]))


def _slow_clock(lived: _Lived, name: str, policy: Policy, target: Target, hours: SlowHours) -> SlowClock:
    counted: list[int] = []
    for number in [*lived.moments(), *([] if lived.last is None else [lived.last])]:
        # Had it not ended, it would have gone on as it stood just before.
        stood = lived.statuses[number - 1] if number == lived.last else lived.statuses[number]
        end = hours.minutes if number == lived.last else lived.minute(number + 1, hours)
        if stood not in (*WAITING, Status.RESOLVED):
            counted += hours.minutes_in(lived.minute(number, hours), end, policy.urgent)
    ended = None if lived.last is None else lived.minute(lived.last, hours)
    total, steps, since = policy.targets[target], dict[str, int](), -1
    extensions = [
        one
        for number in lived.moments()
        for one in [lived.story[number]]
        if isinstance(one, Extended) and one.target is target and lived.statuses[number] is not Status.RESOLVED
    ]
    for number, extension in enumerate([*extensions, None]):
        until = hours.minute(extension.at) if extension else hours.minutes
        for step, amount in _ladder(policy, total).items():
            at = _nth(counted, amount)
            if at is not None and since < at <= until and (ended is None or at < ended):
                steps[f"{name}:{number}:{step}"] = at
        since, total = until, total + (extension.by if extension else timedelta())
    return SlowClock(lived.minute(lived.first, hours), ended, _nth(counted, total), steps)


def _ladder(policy: Policy, total: timedelta) -> dict[str, timedelta]:
    shares = {f"warn-{share}": total / 100 * share for share in policy.warn}
    return {
        **shares,
        "due": total,
        **{f"overdue-{late // timedelta(seconds=1)}": total + late for late in policy.overdue},
    }


def _nth(counted: Sequence[int], amount: timedelta) -> int | None:
    number = amount // MINUTE
    return counted[number - 1] + 1 if number <= len(counted) else None


def _at(moment: Moment) -> datetime:
    return moment.act.at if isinstance(moment, Event) else moment.at


def _is(moment: Moment | None, *kinds: EventKind) -> bool:
    return isinstance(moment, Event) and moment.kind in kinds


def _is_reopened(moment: Moment | None, by_customer: bool) -> bool:
    return isinstance(moment, Event) and moment.kind is EventKind.REOPENED and (moment.act.agent is None) is by_customer
