"""An event loop whose seconds are short: what waits for minutes by the loop's time ends within moments."""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class _HurriedSelector(selectors.DefaultSelector):
    """Waits for shorter than it is asked to."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout if timeout is None else timeout / self._speed)


class HurriedLoop(asyncio.SelectorEventLoop):
    """A loop in which `speed` seconds pass in one; `now` is the wall clock that goes with it."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        self._began_at = datetime.now(UTC)
        super().__init__(_HurriedSelector(speed))

    def time(self) -> float:
        return self._began + (time.monotonic() - self._began) * self._speed

    def now(self) -> datetime:
        """The time of day, aware."""
        return self._began_at + timedelta(seconds=self.time() - self._began)


def in_a_hurry(speed: float, work: Callable[[HurriedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run `work` in such a loop, to its end."""
    loop = HurriedLoop(speed)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work(loop))
