"""The timetable: one line per job that runs by itself. It only ticks; what is due stands in the database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """A job and how often it runs, in seconds."""

    name: str
    every: float
    run: Callable[[], Awaitable[object]]


class Schedule:
    """Runs ticks until stopped. A tick that is late runs once, and never twice at a time.

    What runs as it stops is cancelled: it is done by whoever ticks next.
    """

    def __init__(self, ticks: tuple[Tick, ...]) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._is_stopping = False
        self._scheduler.add_listener(_failed, EVENT_JOB_ERROR)
        for tick in ticks:
            self._scheduler.add_job(self._run, "interval", args=(tick.run,), seconds=tick.every, id=tick.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._scheduler.shutdown(wait=False)

    async def _run(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except asyncio.CancelledError:
            if not self._is_stopping:
                raise


def _failed(event: JobExecutionEvent) -> None:
    log.error("a job failed and runs again at its next time", extra={"job": event.job_id}, exc_info=event.exception)
