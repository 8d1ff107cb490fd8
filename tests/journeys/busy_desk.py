"""A desk with a big team and a database that can stall, for many clicks at once; what it is like on every platform."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from bot.app import App
from bot.domain.inquiry import Inquiry
from bot.ports import Store, Transaction
from bot.settings import Settings
from tests.builders import a_message, nothing_promised, opened
from tests.journeys.desk import Inside
from tests.journeys.driver import PATIENCE, SeenCard


class StallingStore:
    """A store that lets nobody in while it is stalled."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open = asyncio.Event()
        self._open.set()
        self.waiting = 0

    def stall(self) -> None:
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self._unit(self._store.transaction)

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self._unit(self._store.snapshot)

    @asynccontextmanager
    async def _unit(self, unit: Callable[[], AbstractAsyncContextManager[Transaction]]) -> AsyncIterator[Transaction]:
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1
        async with unit() as tx:
            yield tx


class BusyDesk(Inside, ABC):
    """The App in this process, with one queue that shows in the channel "support"; Emma is the supervisor.

    It stands between a fake platform and a database until it is stopped. `hurry` lets the App go at a test's pace.
    """

    def __init__(
        self,
        platform: str,
        database_url: str,
        agents: Sequence[str],
        supervisor: str,
        hurry: Callable[[App], None],
        **settings: Any,
    ) -> None:
        usual: dict[str, Any] = {
            "database_url": database_url,
            "http_port": 0,
            "workspace": "off",
            "spool_folders": (),
            "queue_channels": (("support", f"{platform}:support"),),
            "agents": tuple(f"{platform}:{one}" for one in agents),
            "supervisors": (f"{platform}:{supervisor}",),
            "default_language": "en",
            "default_time_zone": "UTC",
        }
        self.agents = tuple(agents)
        self.port = 0
        self.app = App(Settings(_env_file=None, **usual, **settings))
        hurry(self.app)
        self.store = StallingStore(self.app.store)
        self.app.store = self.store
        self._strangers = {*agents, supervisor}

    async def start(self) -> None:
        """Return when people can be served, and all of them are known by name."""
        await nothing_promised(self.app.database)
        await super().start()
        await self.connected()
        await self.seen(self._has_met_all)

    async def end(self) -> None:
        """Stop, unless it has been stopped."""
        self.store.go_on()
        if not self._task.done():
            await self.stop()

    async def write(self, *subjects: str) -> list[Inquiry]:
        """Customers write; return when the cards stand in the channel."""
        before = self.standing()
        inquiries = await opened(self.app.database, *(a_message(subject=one) for one in subjects))
        await self.seen(lambda: self.standing() == before + len(subjects))
        return inquiries

    async def seen(self, what: Callable[[], Any]) -> None:
        """Wait until it is so; `what` may have to be awaited."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = what()
                if await answer if asyncio.iscoroutine(answer) else answer:
                    return
                await asyncio.sleep(0.02)

    @abstractmethod
    async def connected(self) -> None:
        """Return when the platform reaches the desk."""

    @abstractmethod
    def standing(self) -> int:
        """How many cards stand in the channel."""

    @abstractmethod
    def told(self, user: str) -> list[SeenCard]:
        """What this person was answered in private, in order."""

    @abstractmethod
    def name_of(self, user: str) -> str:
        """What somebody is called there."""

    async def _has_met_all(self) -> bool:
        async with self.app.database.snapshot() as tx:
            return not {one.name for one in await tx.agents.all()} & self._strangers
