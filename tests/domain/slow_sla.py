"""The slow, obvious model of business time: a table that holds for every minute whether the team is there.

Nothing is computed from the ends of spans: each minute looks at a clock on the wall there, and amounts are counted.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.events import Event, EventKind
from bot.domain.hours import Span
from bot.domain.inquiry import Status
from bot.domain.policy import Policy, Target
from bot.domain.timeline import WAITING, Extended, Moment, Resumed, Wait

MINUTE = timedelta(minutes=1)
RESPONDED = (EventKind.ANSWERED, EventKind.CALLED)


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
    """The clocks of a timeline told as it was written down, by "target:episode".

    Every question is asked of the whole story so far, again and again: what was the status by then, what ended that.
    """
    tale = Tale(_with_ends_of_waits(_as_read(told), _late(told)), _sent(told), _late(told))
    found: dict[str, SlowClock] = {}
    for target in policy.targets:
        for episode, (first, last) in enumerate(_episodes(tale, target), 1):
            found[f"{target}:{episode}"] = _slow_clock(
                _Lived(tale, target, first, last), f"{target}:{episode}", policy, hours
            )
    return found


class Tale:
    """A story with the statuses after each of its moments, and when its answers were sent, by their versions."""

    def __init__(self, story: Sequence[Moment], sent: Mapping[int, datetime], late: frozenset[int]) -> None:
        self.story, self.sent = story, sent
        self.statuses = [status_by(story[: number + 1], late) for number in range(len(story))]


def status_by(story: Sequence[Moment], late: frozenset[int] = frozenset()) -> Status:
    """The status after all of the story; `late` are the answers that crossed a message, by their versions."""
    if not story:
        return Status.NEW
    last, before = story[-1], status_by(story[:-1], late)
    if isinstance(last, Event):
        kind = last.kind
        if kind in (EventKind.RESOLVED, EventKind.ERASED):
            return Status.RESOLVED
        if kind is EventKind.REOPENED:
            return Status.OPEN
        if before is Status.RESOLVED:
            return before
        if kind in (EventKind.CLAIMED, EventKind.ASSIGNED, EventKind.CALLED):
            return Status.OPEN
        if kind is EventKind.ANSWERED:
            stays = last.version in late and before is Status.WAITING_ON_THIRD_PARTY
            return before if stays else Status.WAITING_ON_CUSTOMER
        if kind is EventKind.MESSAGE_RECEIVED and before is Status.WAITING_ON_CUSTOMER:
            return Status.OPEN
    elif before is not Status.RESOLVED:
        if isinstance(last, Wait):
            return last.status
        if isinstance(last, Resumed) and before in WAITING:
            return Status.OPEN
    return before


def _sent(told: Sequence[Moment]) -> dict[int, datetime]:
    return {one.version: one.act.at for one in told if isinstance(one, Event) and one.kind in RESPONDED}


def _messages_after(told: Sequence[Moment], number: int) -> list[int]:
    """The places of the messages that were known when that answer was written down, and were written after it."""
    answer = told[number]
    assert isinstance(answer, Event)
    return [at for at in range(number) if _is_customers(told[at]) and _at(told[at]) > answer.act.at]


def _late(told: Sequence[Moment]) -> frozenset[int]:
    answers = [(at, one) for at, one in enumerate(told) if isinstance(one, Event) and one.kind in RESPONDED]
    return frozenset(one.version for at, one in answers if _messages_after(told, at))


def _as_read(told: Sequence[Moment]) -> list[Moment]:
    """The story with late answers before what they crossed, and in which no moment lies before the one before it."""
    before: dict[int, list[Moment]] = {}
    moved: set[int] = set()
    for number, one in enumerate(told):
        if _is(one, *RESPONDED) and (crossed := _messages_after(told, number)):
            moved.add(number)
            before.setdefault(crossed[0], []).append(one)
    read: list[Moment] = []
    for number, one in enumerate(told):
        read += before.get(number, []) if number else []
        # Who was talked with is waited for no more as soon as that is known, whatever was written meanwhile.
        after = [Resumed(_at(one))] if _is(one, EventKind.CALLED) else []
        read += after if number in moved else [one]
    latest, story = _at(read[0]), list[Moment]()
    for one in read:
        latest = max(latest, _at(one))
        story.append(
            replace(one, act=replace(one.act, at=latest)) if isinstance(one, Event) else replace(one, at=latest)
        )
    return story


def _with_ends_of_waits(told: Sequence[Moment], late: frozenset[int]) -> list[Moment]:
    """The story, in which the end of a wait is told like everything else."""
    story: list[Moment] = []
    for moment in told:
        end = _end_of_wait(story, late)
        if end and end <= _at(moment):
            story.append(Resumed(max(end, _at(story[-1]))))
        story.append(moment)
    end = _end_of_wait(story, late)
    return [*story, Resumed(max(end, _at(story[-1])))] if end else story


def _end_of_wait(story: Sequence[Moment], late: frozenset[int]) -> datetime | None:
    """Until when is waited after all of the story: that of the last wait, unless an answer made it wait anew."""
    if status_by(story, late) not in WAITING:
        return None
    for number, one in reversed(list(enumerate(story))):
        if isinstance(one, Wait):
            return one.until
        if isinstance(one, Event) and one.kind is EventKind.ANSWERED:
            left_alone = one.version in late and status_by(story[:number], late) is Status.WAITING_ON_THIRD_PARTY
            if not left_alone:
                return None
    return None


def _episodes(tale: Tale, target: Target) -> list[tuple[int, int | None]]:
    """From where until where in the story each clock of a target was open."""
    story, statuses = tale.story, tale.statuses
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
        after = (one for one in story[number:] if _is(one, EventKind.REOPENED, *RESPONDED))
        taken_back = _is_reopened(next(after, None), False)
        if _is(story[number], EventKind.ERASED, *RESPONDED):
            return number
        if _is(story[number], EventKind.RESOLVED) and not taken_back:
            return number
    return None


@dataclass(frozen=True)
class _Lived:
    """A clock's part of a story: from the moment that started it until the one that ended it, if any did."""

    tale: Tale
    target: Target
    first: int
    last: int | None

    def moments(self) -> range:
        return range(self.first, len(self.tale.story) if self.last is None else self.last)

    def minute(self, number: int, hours: SlowHours) -> int:
        """When that moment was; after the last one, the end of all that is known."""
        story = self.tale.story
        return hours.minutes if number >= len(story) else hours.minute(_at(story[number]))

    def ended(self, hours: SlowHours) -> int | None:
        """When it ended: a response as soon as anything was sent that answers it, however late that was noticed."""
        if self.last is None:
            return None
        story, ends = self.tale.story, [self.minute(self.last, hours)]
        if self.target is not Target.RESOLUTION:
            started = self.minute(self.first, hours)
            answers = [one for one in story[self.first :] if isinstance(one, Event) and _is(one, *RESPONDED)]
            ends += [max(started, hours.minute(self.tale.sent[one.version])) for one in answers]
        return min(ends)


def _slow_clock(lived: _Lived, name: str, policy: Policy, hours: SlowHours) -> SlowClock:
    counted: list[int] = []
    story, statuses, target = lived.tale.story, lived.tale.statuses, lived.target
    ended = lived.ended(hours)
    for number in [*lived.moments(), *([] if lived.last is None else [lived.last])]:
        # Had it not ended, it would have gone on as it stood just before.
        stood = statuses[number - 1] if number == lived.last else statuses[number]
        end = hours.minutes if number == lived.last else lived.minute(number + 1, hours)
        since = lived.minute(number, hours)
        if ended is not None and since <= ended < end:
            end = hours.minutes
        if (ended is None or since <= ended) and stood not in (*WAITING, Status.RESOLVED):
            counted += hours.minutes_in(since, end, policy.urgent)
        if end == hours.minutes:
            break
    total, steps, since = policy.targets[target], dict[str, int](), -1
    extensions = [
        one
        for number in lived.moments()
        for one in [story[number]]
        if isinstance(one, Extended) and one.target is target and statuses[number] is not Status.RESOLVED
        if ended is None or hours.minute(one.at) <= ended
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


def _is_customers(moment: Moment) -> bool:
    return _is(moment, EventKind.OPENED, EventKind.MESSAGE_RECEIVED) or _is_reopened(moment, True)
