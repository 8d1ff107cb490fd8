"""The gate of one place: how fast it may be posted to, and how long it rests after trouble."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from bot.ports import Pace

RESTS = (1.0, 2.0, 5.0)
"""Seconds that a place rests after each failure in a row: what recovers is posted to within five seconds."""


class Gate:
    """Lets through as many a second as the platform's pace allows, with bursts, and nothing while it is closed."""

    def __init__(self, pace: Pace, rests: Sequence[float] = RESTS) -> None:
        self._per_second = pace.per_second
        self._burst = pace.burst
        self._rests = rests
        self._tokens = float(pace.burst)
        self._at = 0.0
        self._opens_at = 0.0
        self._failures = 0
        self._in_doubt = False

    @property
    def is_open(self) -> bool:
        """False while the place rests."""
        return self.rest <= 0

    @property
    def rest(self) -> float:
        """Seconds until it opens."""
        return self._opens_at - _now()

    async def turn(self) -> None:
        """Wait until one more may go."""
        self._tokens = min(self._burst, self._tokens + (_now() - self._at) * self._per_second)
        self._at = _now()
        self._tokens -= 1
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / self._per_second)

    def close(self, seconds: float) -> None:
        """Let nothing through for so long, or longer when it was closed for longer already."""
        self._opens_at = max(self._opens_at, _now() + seconds)

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


def _now() -> float:
    return asyncio.get_running_loop().time()
