"""Work that goes on after a platform has been answered: kept in sight, and given a little time when we stop."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


class Tasks:
    """Runs work in the background. An error that nobody waits for is logged, once."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin `work` soon, not now: whoever starts it goes on first."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def finish(self, patience: float) -> None:
        """Let what is under way end by itself for `patience` seconds; cancel the rest, and wait until it is gone."""
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        while self._running:
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("work for a platform failed", exc_info=error)
