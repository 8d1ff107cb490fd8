"""What need not be asked for a while, because Discord has said what it would answer."""

import asyncio
from dataclasses import dataclass

from bot.ports import NotSent, SendError

EVERYTHING = ""
PATIENCE = 3
"""Refusals in a row after which the next are known beforehand: who has mended something may try at once."""
REST = 30.0
"""Seconds for which a refusal is known."""
MOST = 1000


@dataclass(slots=True)
class _Rest:
    error: SendError
    until: float
    refusals: int = 0


class Rests:
    """Remembers, by kind of request and channel, until when it rests and why; EVERYTHING rests under its own name."""

    def __init__(self) -> None:
        self._rests: dict[str, _Rest] = {}

    def check(self, key: str) -> None:
        """Raise what Discord said, as long as that holds for this or for everything."""
        for rest in filter(None, (self._rests.get(EVERYTHING), self._rests.get(key))):
            left = rest.until - _now()
            if left > 0:
                raise NotSent(str(rest.error), left) if isinstance(rest.error, NotSent) else rest.error

    def hold(self, key: str, error: SendError, seconds: float) -> None:
        """Nothing of the kind is asked for so long: the answer would be the same."""
        now = _now()
        if len(self._rests) >= MOST:
            self._rests = {one: rest for one, rest in self._rests.items() if rest.until > now}
        known = self._rests.get(key)
        self._rests[key] = _Rest(error, max(now + seconds, known.until if known else now))

    def refused(self, key: str, error: SendError) -> None:
        """Refused: from the third time in a row it is known for a while."""
        known = self._rests.get(key)
        refusals = known.refusals + 1 if known else 1
        self._rests[key] = _Rest(error, _now() + (REST if refusals >= PATIENCE else 0.0), refusals)

    def clear(self, key: str) -> None:
        """It went well: what was refused before is not any more. What was asked to rest still rests."""
        if key in self._rests and self._rests[key].refusals:
            del self._rests[key]


def _now() -> float:
    return asyncio.get_running_loop().time()
