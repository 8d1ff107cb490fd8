"""Socket Mode: several connections, each replaced before it goes, so that there is always one that hears.

slack_sdk's own client closes a connection before it opens the next, tries a one-time address for ever when that
fails, and asks for new ones as fast as ever when the token is revoked; hence the connections are held here.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.asked import word
from adapters.slack.config import SlackConfig
from adapters.slack.errors import TOO_MANY, retry_after
from adapters.slack.line import Line
from adapters.slack.web import Web
from bot.ports import NotSent

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds. A dead connection is found within one and a half times `ping`.

    `patience`: until a new connection has said hello. `grace`: how long a connection that Slack ends is heard while
    its successor works already. `first` and `longest`: the pauses between attempts, doubled each time. `refused`: the
    least pause after Slack refused the token. `flap`: a connection that lived shorter counts as a failed attempt.
    """

    ping: float = 20.0
    patience: float = 15.0
    grace: float = 15.0
    first: float = 1.0
    longest: float = 60.0
    refused: float = 60.0
    flap: float = 10.0


class Sockets:
    """Holds `config.connections` connections for `app` while it runs."""

    def __init__(
        self,
        config: SlackConfig,
        web: Web,
        app: AsyncApp,
        timing: Timing = Timing(),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._web = web
        self._app = app
        self._timing = timing
        self._chance = chance
        self._lines: set[Line] = set()
        self._opening = asyncio.Lock()
        self._failures = 0
        self._not_before = 0.0
        self._why = "not connected yet"

    @property
    def connected(self) -> int:
        """How many connections hear."""
        return sum(not line.ended.is_set() for line in self._lines)

    @property
    def trouble(self) -> str:
        """Empty while a connection hears, else a sentence for operators."""
        return "" if self.connected else f"Slack: no Socket Mode connection hears ({self._why})."

    async def run(self) -> None:
        """Keep the connections until cancelled; then all are closed."""
        async with aiohttp.ClientSession(trust_env=True) as session, asyncio.TaskGroup() as group:
            for _ in range(self._config.connections):
                group.create_task(self._keep(session, group))

    async def _keep(self, session: aiohttp.ClientSession, group: asyncio.TaskGroup) -> None:
        """Keep one connection: its successor hears before it goes."""
        while True:
            line = await self._open(session, group)
            await line.leaving.wait()
            self._why = line.why
            log.info("a socket to slack is replaced", extra={"why": line.why})
            if line.age < self._timing.flap:
                self._failed(f"it ended at once: {line.why}", 0.0)
            else:
                self._failures = 0

    async def _open(self, session: aiohttp.ClientSession, group: asyncio.TaskGroup) -> Line:
        """A new connection that hears, however long it takes; one is opened at a time."""
        async with self._opening:
            while True:
                await asyncio.sleep(self._not_before - asyncio.get_running_loop().time())
                try:
                    async with asyncio.timeout(self._timing.patience):
                        line = await Line.open(session, await self._address(), self._app, self._timing.ping)
                except SlackApiError as error:
                    self._refused(error)
                except (aiohttp.ClientError, OSError, ValueError, AttributeError, NotSent, TimeoutError) as error:
                    # slack_sdk stumbles over an answer that is no JSON by ValueError or AttributeError
                    self._failed(type(error).__name__, 0.0)
                else:
                    self._lines.add(line)
                    group.create_task(self._hold(line))
                    return line

    async def _hold(self, line: Line) -> None:
        """Hear a connection until it ends, or has been given up for a while."""
        try:
            hearing = asyncio.create_task(line.hear())
            try:
                await line.leaving.wait()
                await asyncio.wait([hearing], timeout=self._timing.grace)
            finally:
                await line.close(hearing)
        finally:
            self._lines.discard(line)

    async def _address(self) -> str:
        """A one-time address for one connection."""
        answer = await self._web.client.apps_connections_open(app_token=self._config.app_token)
        return word(answer.data, "url")

    def _refused(self, error: SlackApiError) -> None:
        status, headers = error.response.status_code, error.response.headers
        name = word(error.response.data, "error")
        if status == TOO_MANY or name == "ratelimited":
            self._failed("Slack asks to slow down", retry_after(headers))
        elif status >= 500 or name in ("internal_error", "fatal_error"):
            self._failed(f"Slack answered {status} {name}".strip(), 0.0)
        else:
            self._failed(f"Slack refuses the app token: {name}", self._timing.refused)

    def _failed(self, why: str, least: float) -> None:
        """Wait before the next attempt, longer each time, and at least for `least` seconds."""
        self._failures += 1
        pause = min(self._timing.first * 2 ** min(self._failures - 1, 10), self._timing.longest)
        pause = max(pause * (0.5 + self._chance() / 2), least)
        self._not_before = asyncio.get_running_loop().time() + pause
        self._why = why
        log.warning("no new socket to slack", extra={"why": why, "again_in": round(pause, 1)})
