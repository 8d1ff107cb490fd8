"""Timelines: what happened to an inquiry, read for when each of its clocks started, stood still and ended."""

from collections.abc import Iterable
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
        self.ran = bool(self.runs and not self.runs[-1].end)
        self.halt(at)
        self.ended_at, self.cut = at, cut


def reels(timeline: Iterable[Moment]) -> list[Reel]:
    """One reel for each clock that a timeline starts, in the order in which they started.

    The timeline is told in the order in which it was written down; the rules stand in `bot.domain.sla.clocks`.
    """
    tape = _Tape()
    for moment in _in_order(timeline):
        tape.take(moment)
    tape.wait_over()
    return tape.reels


class _Tape:
    """Reads a timeline; what it knows of the clocks by then is in its reels."""

    def __init__(self) -> None:
        self.reels: list[Reel] = []
        self._status = Status.NEW
        self._at = datetime.min.replace(tzinfo=UTC)
        self._until: datetime | None = None

    def take(self, moment: Moment) -> None:
        at = max(_at(moment), self._at)
        if self._until and self._until <= at:
            self.wait_over()
        self._at = at
        match moment:
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
            case EventKind.ANSWERED:
                self._answered()
            case EventKind.RESOLVED:
                self._end_all(cut=True)
            case EventKind.REOPENED:
                self._reopened(by_customer=event.act.agent is None)
            case EventKind.ERASED:
                self._end_all(cut=False)

    def _answered(self) -> None:
        for reel in self.reels:
            if reel.target in RESPONSES:
                reel.cut = False
        for reel in self._open(*RESPONSES):
            reel.end(self._at)
        if self._status is not Status.RESOLVED:
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


def _in_order(timeline: Iterable[Moment]) -> list[Moment]:
    """As it was written down, but each answer before all that came after it."""
    told: list[Moment] = []
    for moment in timeline:
        place = len(told)
        if isinstance(moment, Event) and moment.kind is EventKind.ANSWERED:
            while place > 1 and _at(told[place - 1]) > _at(moment):
                place -= 1
        told.insert(place, moment)
    return told
