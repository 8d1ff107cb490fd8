"""A desk in the fake Slack with a big team and a database that can stall, for many clicks at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from bot.app import App
from bot.domain.inquiry import Inquiry
from bot.ports import Store, Transaction
from bot.settings import Settings
from tests.builders import a_message, opened
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_people import SlackUser
from tests.fakes.slack_world import Ephemeral
from tests.journeys.desk import Inside
from tests.journeys.driver import PATIENCE, SeenCard
from tests.journeys.slack_reading import seen_card
from tests.support.in_slack import hurry, settings_for


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


def hire(slack: FakeSlack, count: int) -> list[str]:
    """So many more people in the workspace and in #support; their ids."""
    people = [SlackUser(f"U0AGENT{number}", f"agent{number}", f"Agent {number}") for number in range(count)]
    for one in people:
        slack.world.users[one.id] = one
        slack.join(one.id, "support")
    return [one.id for one in people]


class SlackDesk(Inside):
    """The App in this process, with one queue that shows in #support; Emma is the supervisor.

    It stands between the fake Slack and a database until it is stopped.
    """

    def __init__(self, slack: FakeSlack, database_url: str, agents: Sequence[str], by_http: bool = False) -> None:
        settings: dict[str, Any] = {
            "database_url": database_url,
            "http_port": 0,
            "workspace": "off",
            "spool_folders": (),
            "queue_channels": (("support", "slack:support"),),
            "agents": tuple(f"slack:{one}" for one in agents),
            "supervisors": ("slack:U0EMMA",),
            "default_language": "en",
            "default_time_zone": "UTC",
            "slack": settings_for(slack.port, by_http),
        }
        self.slack = slack
        self.agents = tuple(agents)
        self.port = 0
        self.app = App(Settings(_env_file=None, **settings))
        hurry(self.app)
        self.store = StallingStore(self.app.store)
        self.app.store = self.store
        self._by_http = by_http

    async def start(self) -> None:
        """Return when people can be served, and all of them are known by name."""
        await super().start()
        if self._by_http:
            self.slack.deliver_by_http(f"http://127.0.0.1:{self.port}/slack/events")
            await self.seen(self.slack.verify_url)
        else:
            await self.slack.sockets.connected_to(2)
        await self.seen(self._has_met_all)

    async def end(self) -> None:
        """Stop, unless it has been stopped."""
        self.store.go_on()
        if not self._task.done():
            await self.stop()

    async def write(self, *subjects: str) -> list[Inquiry]:
        """Customers write; return when the cards stand in #support."""
        before = len(self.slack.messages("support"))
        inquiries = await opened(self.app.database, *(a_message(subject=one) for one in subjects))
        await self.seen(lambda: len(self.slack.messages("support")) == before + len(subjects))
        return inquiries

    async def seen(self, what: Callable[[], Any]) -> None:
        """Wait until it is so; `what` may have to be awaited."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = what()
                if await answer if asyncio.iscoroutine(answer) else answer:
                    return
                await asyncio.sleep(0.02)

    def told(self, user: str) -> list[SeenCard]:
        """What this person was answered in private, in order."""
        return [_card(one) for one in self.slack.ephemerals(user)]

    async def _has_met_all(self) -> bool:
        async with self.app.database.snapshot() as tx:
            known = {one.name for one in await tx.agents.all()}
        return not known & {*self.agents, "U0EMMA"}


def _card(one: Ephemeral) -> SeenCard:
    return seen_card({"ts": one.id, "blocks": one.blocks}, one.channel)
