"""Timelines: what happened to an inquiry, read for when each of its clocks started, stood still and ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Status
from bot.domain.policy import RESPONSES, Target

WAITING = (Status.WAITING_ON_CUSTOMER, Status.WAITING_ON_THIRD_PARTY)


@dataclass(frozen=True, slots=True)
class Wait:
    """From now on the customer, or a third party, is waited for; at the latest until then."""

    at: datetime
    status: Status
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.status not in WAITING:
            raise ValueError(f"nobody is waited for while an inquiry is {self.status}")


@dataclass(frozen=True, slots=True)
class Resumed:
    """Nobody is waited for any more."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Extended:
    """The clock of that target that is open then got so much more time."""

    at: datetime
    target: Target
    by: timedelta

    def __post_init__(self) -> None:
        if self.by <= timedelta():
            raise ValueError("an extension gives more time, not less")


Moment = Event | Wait | Resumed | Extended


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of time in which a clock ran; it runs still when there is no end."""

    start: datetime
    end: datetime | None = None


@dataclass(slots=True)
class Reel:
    """What a timeline tells of one clock. `cut`: resolving ended it; `ran`: it was not standing still as it ended."""

    target: Target
    episode: int
    started_at: datetime
    runs: list[Run] = field(default_factory=list)
    extensions: list[Extended] = field(default_factory=list)
    ended_at: datetime | None = None
    cut: bool = False
    ran: bool = False

    def run(self, at: datetime) -> None:
        if not self.runs or self.runs[-1].end:
            self.runs.append(Run(at))

    def halt(self, at: datetime) -> None:
        if self.runs and not self.runs[-1].end:
            self.runs[-1] = Run(self.runs[-1].start, at)

    def end(self, at: datetime, cut: bool = False) -> None:
        """It ended then, which may be before what is known of it by now: nothing counts that came later."""
        self.ran = any(run.start <= at and (run.end is None or run.end > at) for run in self.runs)
        self.runs = [Run(run.start, min(run.end or at, at)) for run in self.runs if run.start <= at]
        self.extensions = [one for one in self.extensions if one.at <= at]
        self.ended_at, self.cut = at, cut


def reels(timeline: Iterable[Moment]) -> list[Reel]:
    """One reel for each clock that a timeline starts, in the order in which they started.

    The timeline is told in the order in which it was written down; the rules stand in `bot.domain.sla.clocks`.
    """
    tape = _Tape()
    for moment, is_late in _in_order(timeline):
        tape.take(moment, is_late)
    tape.wait_over()
    return tape.reels


class _Tape:
    """Reads a timeline; what it knows of the clocks by then is in its reels."""

    def __init__(self) -> None:
        self.reels: list[Reel] = []
        self._status = Status.NEW
        self._at = datetime.min.replace(tzinfo=UTC)
        self._until: datetime | None = None

    def take(self, moment: Moment, is_late: bool) -> None:
        at = max(_at(moment), self._at)
        if self._until and self._until <= at:
            self.wait_over()
        self._at = at
        match moment:
            case Event(kind=EventKind.ANSWERED | EventKind.CALLED):
                self._answered(_at(moment), is_late)
                if moment.kind is EventKind.CALLED and self._status is not Status.RESOLVED:
                    self._turn(Status.OPEN)
            case Event():
                self._happened(moment)
            case Wait() if self._status is not Status.RESOLVED:
                self._turn(moment.status, moment.until)
            case Resumed() if self._status in WAITING:
                self._turn(Status.OPEN)
            case Extended():
                for reel in self._open(moment.target):
                    reel.extensions.append(replace(moment, at=at))

    def wait_over(self) -> None:
        """The moment has come until which somebody was waited for, if there is one."""
        if self._until:
            self._at = max(self._at, self._until)
            self._turn(Status.OPEN)

    def _happened(self, event: Event) -> None:
        match event.kind:
            case EventKind.OPENED:
                self._start(Target.FIRST_RESPONSE)
                self._start(Target.RESOLUTION)
                self._turn(Status.NEW)
            case EventKind.CLAIMED | EventKind.ASSIGNED:
                self._turn(Status.OPEN)
            case EventKind.MESSAGE_RECEIVED if self._status is not Status.RESOLVED:
                if not self._open(*RESPONSES):
                    self._start(Target.NEXT_RESPONSE)
                self._turn(Status.OPEN if self._status is Status.WAITING_ON_CUSTOMER else self._status, self._until)
            case EventKind.RESOLVED:
                self._end_all(cut=True)
            case EventKind.REOPENED:
                self._reopened(by_customer=event.act.agent is None)
            case EventKind.ERASED:
                self._end_all(cut=False)

    def _answered(self, sent_at: datetime, is_late: bool) -> None:
        """What it answers ended as it was sent, whatever ended that later; the status turns as it is written down.

        A late one leaves alone who else is waited for.
        """
        for reel in self.reels:
            if reel.target in RESPONSES:
                reel.cut = False
                if reel.ended_at is None or reel.ended_at > sent_at:
                    reel.end(max(sent_at, reel.started_at))
        if self._status is not Status.RESOLVED and not (is_late and self._status is Status.WAITING_ON_THIRD_PARTY):
            self._turn(Status.WAITING_ON_CUSTOMER)

    def _end_all(self, cut: bool) -> None:
        for reel in self._open(*Target):
            reel.end(self._at, cut)
        self._turn(Status.RESOLVED)

    def _reopened(self, by_customer: bool) -> None:
        for reel in self.reels:
            if reel.cut and not by_customer:
                reel.ended_at = None
            reel.cut = False
        if not self._open(Target.RESOLUTION):
            self._start(Target.RESOLUTION)
        if by_customer and not self._open(*RESPONSES):
            self._start(Target.NEXT_RESPONSE)
        self._turn(Status.OPEN)

    def _turn(self, status: Status, until: datetime | None = None) -> None:
        self._status, self._until = status, until and until.astimezone(UTC)
        for reel in self._open(*Target):
            if status in WAITING:
                reel.halt(self._at)
            else:
                reel.run(self._at)

    def _start(self, target: Target) -> None:
        episode = 1 + sum(reel.target is target for reel in self.reels)
        self.reels.append(Reel(target, episode, self._at))

    def _open(self, *targets: Target) -> list[Reel]:
        return [reel for reel in self.reels if reel.target in targets and not reel.ended_at]


def _at(moment: Moment) -> datetime:
    return (moment.act.at if isinstance(moment, Event) else moment.at).astimezone(UTC)


def _in_order(timeline: Iterable[Moment]) -> list[tuple[Moment, bool]]:
    """As it was written down, but each answer before the customer's message that was written after it was sent.

    Such an answer is late, which the second says; one that was sent before all messages answers none. See
    `Inquiry.answer`, which finds the same. Calls likewise; who was called is waited for no more once that is known.
    """
    told: list[tuple[Moment, bool]] = []
    for moment in timeline:
        crossed = _crossed(moment, told)
        if crossed is None:
            told.append((moment, False))
            continue
        if crossed > 0:
            told.insert(crossed, (moment, True))
        if isinstance(moment, Event) and moment.kind is EventKind.CALLED:
            told.append((Resumed(_at(moment)), False))
    return told


def _crossed(moment: Moment, told: Sequence[tuple[Moment, bool]]) -> int | None:
    """The place of the first message that was written after that answer was sent, or call began, if there is one."""
    if not (isinstance(moment, Event) and moment.kind in (EventKind.ANSWERED, EventKind.CALLED)):
        return None
    later = (place for place, (one, _) in enumerate(told) if _is_customers(one) and _at(one) > _at(moment))
    return next(later, None)


def _is_customers(moment: Moment) -> bool:
    return isinstance(moment, Event) and (
        moment.kind in (EventKind.OPENED, EventKind.MESSAGE_RECEIVED)
        or (moment.kind is EventKind.REOPENED and moment.act.agent is None)
    )
