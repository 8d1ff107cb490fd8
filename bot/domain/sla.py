"""Service levels: by when an inquiry must be answered and resolved, and what is to be said on the way, and when.

Due times are never stored and edited: `clocks` works them out anew from what happened to the inquiry, so that they
follow from its events, the policy and the business hours, and from nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.hours import BusinessHours, Time
from bot.domain.policy import Policy, Target
from bot.domain.timeline import Moment, Reel, Run, reels


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Something to be said at a moment. Its key stays the same as long as what it says does: each is said once."""

    at: datetime
    target: Target
    episode: int
    extension: int
    name: str

    @property
    def key(self) -> str:
        """Unique within the inquiry: target, episode, how many extensions there were, and name."""
        return f"{self.target}:{self.episode}:{self.extension}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One promise: how much time there is for it, when it ran, and what follows from that.

    `episode` counts the clocks of one target, from 1. `total` is the target with its extensions. `due` is None while
    the clock stands still with time left and nobody knows until when; that of an ended clock is how it stood in the
    end. `steps` are all that fell due while the clock was open, or will if nothing happens; an extension makes a new
    ladder of what lies behind it, and what lay before stays.
    """

    target: Target
    episode: int
    started_at: datetime
    total: timedelta
    extensions: int
    runs: tuple[Run, ...]
    ended_at: datetime | None
    due: datetime | None
    steps: tuple[Step, ...]

    @property
    def owed(self) -> tuple[Step, ...]:
        """The steps that are still to be said when they are due, or were not said then: none once it has ended."""
        if self.ended_at:
            return ()
        return tuple(step for step in self.steps if step.extension == self.extensions)

    @property
    def is_broken(self) -> bool:
        """Whether it ended too late. At the very moment that it was due is in time."""
        return self.ended_at is not None and self.due is not None and self.due < self.ended_at

    def runs_at(self, at: datetime) -> bool:
        """Whether it runs at a moment, as far as is known."""
        return any(run.start <= at and (run.end is None or at < run.end) for run in self.runs)

    def left(self, at: datetime, time: Time) -> timedelta:
        """How much of its time is left at a moment; less than nothing when it is overdue."""
        ends = ((run.start, at if run.end is None else min(at, run.end)) for run in self.runs)
        return self.total - sum((time.between(start, end) for start, end in ends), timedelta())


@dataclass(frozen=True, slots=True)
class Clocks:
    """All clocks of an inquiry, in the order in which they started."""

    all: tuple[Clock, ...]

    @property
    def open(self) -> tuple[Clock, ...]:
        """Those that have not ended: running, or standing still."""
        return tuple(clock for clock in self.all if not clock.ended_at)

    @property
    def owed(self) -> tuple[Step, ...]:
        """The steps of all open clocks, the earliest first."""
        return tuple(sorted(step for clock in self.all for step in clock.owed))

    @property
    def due(self) -> datetime | None:
        """When the first of the open clocks is due."""
        return min((clock.due for clock in self.open if clock.due), default=None)

    @property
    def due_first(self) -> tuple[datetime, Target] | None:
        """When the first of the open clocks is due, and which."""
        return min(((clock.due, clock.target) for clock in self.open if clock.due), default=None)

    def of(self, target: Target) -> Clock | None:
        """The last clock of a target."""
        return next((clock for clock in reversed(self.all) if clock.target is target), None)


def clocks(timeline: Iterable[Moment], policy: Policy, hours: BusinessHours) -> Clocks:
    """The clocks that follow from what happened, told in the order in which it was written down (of versions).

    First response: from opening until the first answer. Next response: from the customer's first message after an
    answer until the next answer; more messages meanwhile change nothing. Resolution: from opening until resolving.

    They stand still while the customer or a third party is waited for, as the inquiry's status says, and go on with
    exactly what was left: a message ends waiting for the customer, a claim or an assignment any waiting, and so does
    the moment until which it was to last.

    Resolving ends all of them; no answer is owed any more. Reopened by the team, that is taken back: each clock that
    resolving ended goes on with what it had left. Reopened by the customer, who wrote again: a new resolution and a
    new next response start, each with all its time. Mails of a flood and passing it on start and end nothing; what
    was erased owes nothing.

    An answer counts from the moment at which it was sent, however late it was noticed: it does not answer what the
    customer wrote after it. That it is the customer's turn counts from when it was written down. No other moment lies
    before the one written down before it, though clocks of several machines may say so. A talk by phone answers too,
    and goes on with the team.

    Raises NeverOpen when a clock that runs has time left, and the team never is there again.
    """
    time = policy.time(hours)
    promised = (reel for reel in reels(timeline) if reel.target in policy.targets)
    return Clocks(tuple(_clock(reel, policy, time) for reel in promised))


def preview(policy: Policy, hours: BusinessHours, at: datetime) -> Clocks:
    """What the policy promises to a customer who writes at that moment: one clock a target, as the first of its kind.

    That of the next response is for a message that follows an answer.
    """
    time = policy.time(hours)
    fresh = (Reel(target, 1, at, [Run(at)]) for target in Target if target in policy.targets)
    return Clocks(tuple(_clock(reel, policy, time) for reel in fresh))


def _clock(reel: Reel, policy: Policy, time: Time) -> Clock:
    total, runs = policy.targets[reel.target], list(reel.runs)
    if reel.ended_at and reel.ran:
        # It was due when it would have been, had it gone on.
        runs.append(Run(reel.ended_at))
    steps: list[Step] = []
    since = None
    for number in range(len(reel.extensions) + 1):
        until = reel.extensions[number].at if number < len(reel.extensions) else None
        for name, amount in policy.ladder(total).items():
            at = _reached(runs, amount, time)
            if at and (since is None or since < at) and (until is None or at <= until):
                steps.append(Step(at, reel.target, reel.episode, number, name))
        if until:
            since, total = until, total + reel.extensions[number].by
    return Clock(
        target=reel.target,
        episode=reel.episode,
        started_at=reel.started_at,
        total=total,
        extensions=len(reel.extensions),
        runs=tuple(reel.runs),
        ended_at=reel.ended_at,
        due=_reached(runs, total, time),
        steps=tuple(step for step in steps if reel.ended_at is None or step.at < reel.ended_at),
    )


def _reached(runs: Sequence[Run], amount: timedelta, time: Time) -> datetime | None:
    """When the clock has run for so long; None when it stands still before that."""
    left = amount
    for run in runs:
        if run.end is None:
            return time.after(run.start, left)
        here = time.between(run.start, run.end)
        if here >= left:
            return time.after(run.start, left)
        left -= here
    return None
