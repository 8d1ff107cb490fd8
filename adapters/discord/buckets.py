"""Discord's limits, kept before they are reached: how many requests of a kind still fit, and when more do."""

import asyncio
from contextlib import suppress
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Ratelimit, Route

from adapters.discord.errors import TOO_MANY, Told

PATIENCE = 8.0
"""Seconds that a request waits for its turn; what would take longer is told to come again."""
SURE = 1.0
"""Seconds after a change whose answer was lost until one more is made: nobody takes more than one a second amiss."""


class Bucket(Ratelimit):
    """A limit as Discord's headers tell it. It waits before a request, never after an answer.

    The library's own makes the request that used a limit up wait until it is filled again, which for new threads may
    take minutes; given a longest wait it refuses requests that would still fit; and it takes for granted that all fits
    at once when the time is over.
    """

    __slots__ = ("_freed",)

    def __init__(self) -> None:
        super().__init__(None)
        self._freed = asyncio.Event()

    def update(self, response: aiohttp.ClientResponse, *, use_clock: bool = False) -> None:
        """Take over what an answer says of the limit; headers that make no sense say nothing."""
        with suppress(KeyError, ValueError):
            super().update(response, use_clock=use_clock)
            left = int(response.headers.get("X-RateLimit-Remaining", 0))
            self.remaining = max(left - (self.outgoing - 1), 0)  # the others under way may not be counted yet

    def reset(self) -> None:
        """The time is over: one request may go, and its answer tells how many more."""
        super().reset()  # type: ignore[no-untyped-call]
        self.remaining = max(1 - self.outgoing, 0)

    async def acquire(self) -> None:
        """Wait until one more request fits. Raises discord.RateLimited when that takes too long."""
        clock = asyncio.get_running_loop().time
        patience = clock() + PATIENCE
        self._last_request = clock()
        while True:
            if self.is_expired():
                self.reset()
            if self.remaining > 0:
                break
            until = self.expires or patience
            if until > patience or clock() >= patience:
                raise discord.RateLimited(max(until - clock(), 1.0))
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until + 0.001):
                    await self._freed.wait()
        self.remaining -= 1
        self.outgoing += 1

    def doubt(self) -> None:
        """An answer was lost, and with it what it said of the limit: one more surely fits in a while."""
        self.remaining, self.expires = 0, max(self.expires or 0.0, asyncio.get_running_loop().time() + SURE)

    async def __aexit__(self, *_: object) -> None:
        self.outgoing -= 1
        if self.expires is None:  # no answer said anything of a limit
            self.reset()
        freed, self._freed = self._freed, asyncio.Event()
        freed.set()


class Wire(HTTPClient):
    """The library's own client of the REST API, with our limits; one request takes `timeout` seconds at most.

    The trace is to raise what Discord answers with 429 or an error of its own: the library would sleep, and ask again.
    """

    def __init__(self, timeout: aiohttp.ClientTimeout, proxy: str | None, trace: aiohttp.TraceConfig) -> None:
        super().__init__(asyncio.get_running_loop(), proxy=proxy, http_trace=trace)
        self._timeout = timeout
        self._is_starting = False

    async def start(self, token: str) -> None:
        """Make the session. What the library's log-in asks first is left to whoever can tell what an answer means."""
        self._is_starting = True
        await self.static_login(token)
        self._is_starting = False

    def get_ratelimit(self, key: str) -> Bucket:
        """The limit under this key."""
        known = self._buckets.get(key)
        if not isinstance(known, Bucket):
            self._try_clear_expired_ratelimits()
            self._buckets[key] = known = Bucket()
        return known

    async def request(self, route: Route, **asked: Any) -> Any:
        """Make a request, once. Raises what the library raises, and what the trace raises."""
        if self._is_starting:
            return {}
        try:
            return await super().request(route, timeout=self._timeout, allow_redirects=False, **asked)
        except (aiohttp.ClientError, OSError, Told) as error:
            is_told = isinstance(error, Told) and error.status == TOO_MANY
            if route.method != "GET" and not is_told:
                known = self._bucket_hashes.get(route.key, route.key)
                self.get_ratelimit(f"{known}:{route.major_parameters}").doubt()
            raise
