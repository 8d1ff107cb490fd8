"""The gateway: one replica holds it, a fresh client for each attempt, and nobody waits long for the next."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import discord
from discord.http import Route

from adapters.discord.app_commands import CommandShape
from adapters.discord.client import STUMBLES, GatewayClient, Hears
from adapters.discord.config import DiscordConfig
from adapters.discord.errors import TOO_MANY, TokenRefused, retry_after
from adapters.discord.ports import Identifies
from adapters.discord.registry import Registry
from bot.ownership import Ownership
from bot.ports import Lease, NotSent, SendError, StoreDown

LEASE = "discord"
FATAL = {
    4004: "Discord refuses the bot's token. Reset it in the Developer Portal, and set it.",
    4010: "Discord refuses our shard. This is an error of ours.",
    4011: "The bot is in too many servers for one connection.",
    4012: "Discord does not know this version of its gateway any more. Update Madoguchi.",
    4013: "Discord does not know what we ask to hear. Update Madoguchi.",
    4014: "Discord will not let us hear with this token. Who else uses it? Reset it in the Developer Portal.",
}
"""What an operator does about a close that the next attempt will meet again (topics/opcodes-and-status-codes)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds. `beat`: how often the lease is confirmed; one that is free is found within half of it.

    `patience`: until a new connection hears. `silence`: without an answer to a heartbeat, after which a connection is
    dead; Discord's heart beats every 41.25. `first` and `longest`: pauses between attempts, doubled each time.
    `fatal`: the least pause after Discord refused us. `flap`: a connection that lived shorter is a failed attempt;
    so is one that broke `breaks` times within `within`. `identifies`: in a day, after which none is tried for `tired`.
    `farewell`: that closing a connection may take.
    """

    beat: float = 5.0
    patience: float = 30.0
    silence: float = 50.0
    first: float = 1.0
    longest: float = 60.0
    fatal: float = 60.0
    flap: float = 10.0
    breaks: int = 6
    within: float = 60.0
    again: float = 5.0
    identifies: int = 200
    tired: float = 900.0
    farewell: float = 1.5


class Asks(Protocol):
    """The REST side (see rest.Rest)."""

    async def ask(self, route: Route, **asked: Any) -> Any: ...

    def watch(self) -> aiohttp.TraceConfig: ...


class TooMany(Exception):
    """We have introduced ourselves too often today."""


@dataclass(frozen=True, slots=True)
class _End:
    """How an attempt ended, and for how many seconds at least none is made. `is_ours`: any replica would meet it."""

    why: str
    rest: float = 0.0
    is_ours: bool = False


class Gateway:
    """Hears Discord for `listeners` while it runs, and while no other replica does."""

    def __init__(
        self,
        config: DiscordConfig,
        rest: Asks,
        listeners: Hears,
        commands: Sequence[CommandShape],
        lease: Lease,
        identifies: Identifies,
        timing: Timing = Timing(),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._rest = rest
        self._listeners = listeners
        self._commands = commands
        self._identifies = identifies
        self._timing = timing
        self._chance = chance
        self._lost = asyncio.Event()
        self._owner = Ownership(lease, LEASE, timing.beat, self._lost.set)
        self.registry = Registry(rest, config.guild)
        self._hears = asyncio.Event()
        self._flaps = asyncio.Event()
        self._breaks: deque[float] = deque(maxlen=timing.breaks)
        self._deaf_since = 0.0
        self._why = "not connected yet"

    @property
    def connected(self) -> bool:
        """True while the gateway is ours and hears."""
        return self._hears.is_set()

    @property
    def is_anothers(self) -> bool:
        """True while another replica has the gateway, as far as this one knows."""
        return self._owner.is_anothers

    @property
    def trouble(self) -> str:
        """Empty while all is well or another replica has the gateway, else a sentence for operators."""
        if self._hears.is_set():
            return self.registry.trouble
        return "" if self.is_anothers else f"Discord: the gateway is not connected ({self._why})."

    async def run(self) -> None:
        """Keep the gateway until cancelled; then its connection is closed, and another replica may take over."""
        failures = 0
        while True:
            await self._owner.gain()
            self._lost.clear()
            try:
                began = _now()
                end = await self._attempt()
                failures = 1 if _now() - began >= self._timing.flap else failures + 1
                pause = max(self._pause(failures), end.rest)
                self._why = end.why
                log.warning("the gateway is not connected", extra={"why": end.why, "again_in": round(pause, 1)})
                if end.is_ours:  # no other replica would fare better
                    with suppress(TimeoutError):
                        async with asyncio.timeout(pause):
                            await self._lost.wait()
                    continue
            finally:
                await self._owner.give_up()
            await asyncio.sleep(pause)

    async def _attempt(self) -> _End:
        """One client, from its first connection to the end of its last."""
        self._flaps.clear()
        self._breaks.clear()
        self._deaf_since = _now()
        client = GatewayClient(
            self._listeners, self._commands, self._identify, self._changed, self._rest.watch(), self._timing.again
        )
        tasks = [
            asyncio.create_task(work, name=f"discord {name}")
            for name, work in (
                ("gateway", client.start(self._config.token, reconnect=False)),
                ("heartbeat", self._watch(client)),
                ("lease", self._lost.wait()),
                ("flaps", self._flaps.wait()),
                ("commands", self._register(client)),
            )
        ]
        running, watch, lost, flaps, _ = tasks
        try:
            await asyncio.wait([running, watch, lost, flaps], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return await self._end_of(running)
            if lost.done():
                return _End("another replica may have it")
            return _End("it breaks again and again" if flaps.done() else "Discord does not let us in")
        finally:
            self._hears.clear()
            closing = asyncio.create_task(self._ended(client, tasks))
            try:
                await asyncio.shield(closing)
            finally:  # whoever ends us meanwhile waits for that too: nothing stays open
                await closing

    async def _ended(self, client: GatewayClient, tasks: list[asyncio.Task[Any]]) -> None:
        """Close whatever is open, within `farewell`: a dead connection says no farewell."""
        for task in tasks:
            task.cancel()
        try:
            async with asyncio.timeout(self._timing.farewell):
                await client.close()
        except TimeoutError:
            client.cut()
            await client.http.close()
        except (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError) as error:
            log.debug("a client did not close well", extra={"why": repr(error)})
            await client.http.close()
        while pending := [task for task in tasks if not task.done()]:  # in Python 3.11, wait_for may miss the first
            await asyncio.wait(pending, timeout=self._timing.farewell / 10)
            for task in pending:
                task.cancel()
        for task in tasks[1:]:  # what ended the first is told by the attempt's end
            if not task.cancelled() and (failure := task.exception()):
                log.error("work for the gateway failed", exc_info=failure)

    async def _end_of(self, running: asyncio.Task[Any]) -> _End:
        try:
            await running
        except discord.LoginFailure:
            return self._refused(4004)
        except TokenRefused as error:
            return _End(str(error), self._timing.fatal, is_ours=True)
        except TooMany as error:
            log.critical("discord was told too often who we are", extra={"why": str(error)})
            return _End(str(error), self._timing.tired, is_ours=True)
        except discord.ConnectionClosed as error:
            return self._refused(error.code) if error.code in FATAL else _End(f"closed by Discord ({error.code})")
        except discord.HTTPException as error:
            rest = retry_after(error.response.headers) if error.status == TOO_MANY else 0.0
            return _End(f"Discord answered {error.status}", rest)
        except NotSent as error:
            return _End(str(error), error.retry_after or 0.0)
        except (SendError, StoreDown) as error:
            return _End(str(error))
        except (aiohttp.ClientError, OSError, discord.DiscordException) as error:
            return _End(type(error).__name__)
        except STUMBLES as error:  # so it does over a first connection that fails, and over what is no JSON
            log.info("discord.py gave up", exc_info=error)
            return _End(type(error).__name__)
        return _End("the connection ended")

    def _refused(self, code: int) -> _End:
        return _End(f"{code}: {FATAL[code]}", self._timing.fatal, is_ours=True)

    async def _identify(self) -> None:
        """Note that we introduce ourselves once more. Raises TooMany, so that Discord never resets the token."""
        count = await self._identifies.note()
        if count > self._timing.identifies:
            raise TooMany(f"{count} introductions in a day, of {self._timing.identifies} that we allow ourselves")

    async def _register(self, client: GatewayClient) -> None:
        await self._hears.wait()
        if client.application_id is not None:
            await self.registry.keep(client.application_id, client.tree)

    async def _watch(self, client: GatewayClient) -> None:
        """Cut a connection whose heartbeats nobody answers; return when none has heard for too long."""
        while self._hears.is_set() or _now() - self._deaf_since < self._timing.patience:
            await asyncio.sleep(min(self._timing.silence, self._timing.patience) / 10)
            if client.unanswered > self._timing.silence:
                log.warning("the gateway does not answer any more", extra={"seconds": round(client.unanswered)})
                client.cut()

    def _changed(self, hears: bool) -> None:
        if hears:
            self._hears.set()
            return
        self._hears.clear()
        self._deaf_since = _now()
        self._why = "the connection broke"
        self._breaks.append(_now())
        if len(self._breaks) == self._breaks.maxlen and _now() - self._breaks[0] < self._timing.within:
            self._flaps.set()

    def _pause(self, failures: int) -> float:
        pause = min(self._timing.first * 2.0 ** min(failures - 1, 10), self._timing.longest)
        return pause * (0.5 + self._chance() / 2)


def _now() -> float:
    return asyncio.get_running_loop().time()
