"""The gate of one place: how fast it may be posted to, and how long it rests after trouble."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.ports import Pace

RESTS = (1.0, 2.0, 5.0)
"""Seconds that a place rests after each failure in a row: what recovers is posted to within five seconds."""

MOMENT = 0.001
"""Seconds that a wait lasts at least: clocks do not tell less from nothing."""


class Gate:
    """Lets through as many a second as the platform's pace allows, with bursts, and nothing while it is closed.

    `reserve`: so many of the burst are kept for what is urgent, which then need not wait for its turn.
    """

    def __init__(self, pace: Pace, rests: Sequence[float] = RESTS, reserve: int = 0) -> None:
        self._reserve = min(reserve, pace.burst - 1)
        self._per_second = pace.per_second
        self._burst = pace.burst
        self._rests = rests
        self._tokens = float(pace.burst)
        self._at = 0.0
        self._opens_at = 0.0
        self._calm_until = 0.0
        self._failures = 0
        self._in_doubt = False

    @property
    def is_open(self) -> bool:
        """False while the place rests, or may be posted to by what is urgent alone."""
        return self.rest <= 0

    @property
    def is_ajar(self) -> bool:
        """Whether what is urgent may go: unless the place itself rests."""
        return self._opens_at <= _now()

    @property
    def rest(self) -> float:
        """Seconds until it opens."""
        return max(self._opens_at, self._calm_until) - _now()

    async def turn(self, urgent: bool = False) -> None:
        """Wait until one more may go; what is urgent goes before those who wait already."""
        if urgent:
            self._spend()
            if self._tokens < 0:
                await asyncio.sleep(-self._tokens / self._per_second)
            return
        while (lacking := 1 + self._reserve - self._counted()) > 0:  # noqa: ASYNC110 - time is what it waits for
            await asyncio.sleep(max(lacking / self._per_second, MOMENT))  # something urgent may go meanwhile
        self._spend()

    def _counted(self) -> float:
        self._tokens = min(self._burst, self._tokens + (_now() - self._at) * self._per_second)
        self._at = _now()
        return self._tokens

    def _spend(self) -> None:
        self._tokens = self._counted() - 1

    def close(self, seconds: float) -> None:
        """Let nothing through for so long, or longer when it was closed for longer already."""
        self._opens_at = max(self._opens_at, _now() + seconds)

    def busy(self, seconds: float) -> timedelta:
        """Other places use up what the platform allows: let only through what is urgent for so long."""
        self._calm_until = max(self._calm_until, _now() + seconds)
        return timedelta(seconds=seconds)

    def failed(self, retry_after: float | None = None) -> timedelta:
        """Nothing gets through: close for as long as the platform asks, else longer with each failure in a row."""
        rest = retry_after
        if rest is None:
            rest = self._rests[min(self._failures, len(self._rests) - 1)]
            self._failures += 1
        self.close(rest)
        return timedelta(seconds=rest)

    def doubted(self) -> None:
        """An answer was lost. One is an accident; two in a row count as a failure."""
        if self._in_doubt:
            self.failed()
        self._in_doubt = True

    def succeeded(self) -> None:
        """Something got through."""
        self._failures = 0
        self._in_doubt = False


def sparing(pace: Pace, rests: Sequence[float] = RESTS) -> Gate:
    """A gate whose usual posts come singly and leave one of each burst to what is urgent, in any stretch of time.

    Discord counts five in five seconds: were they used up, the next would wait for the end of these.
    """
    usual = pace.per_second * (pace.burst - 1) / pace.burst if pace.burst > 1 else pace.per_second
    return Gate(replace(pace, per_second=usual), rests, reserve=pace.burst - 1)


def _now() -> float:
    return asyncio.get_running_loop().time()
