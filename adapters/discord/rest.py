"""The one door to Discord's REST API: a shared session, limits and cautions kept, and errors in the core's words."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from adapters.discord.buckets import Wire
from adapters.discord.caution import Caution
from adapters.discord.config import API, DiscordConfig
from adapters.discord.errors import TOO_MANY, Act, TokenRefused, Told, of_answer, of_exception, token_refused
from adapters.discord.rests import EVERYTHING, Rests
from bot.ports import NotSent, Refused, SendError, Unclear

CONNECT = 1 / 3
"""How much of a request's time may pass before it is connected: what ends then was surely not sent."""
START = 3.0
"""Seconds that the start waits for Discord: the desk opens without it."""
INVALID = frozenset([401, 403, 429])
WEBHOOKS = ("/webhooks/", "/interactions/")
"""Requests that carry a token of their own: what they are refused says nothing of ours."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Discord: our bot user."""

    user_id: str
    name: str


def addressed(config: DiscordConfig) -> None:
    """Let the library ask where the settings say, if that is not Discord itself: it knows no other way."""
    if config.api_url.rstrip("/") != API:
        Route.BASE = config.api_url.rstrip("/")
    if config.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(config.gateway_url)


def proxy_to(url: str) -> str | None:
    """The proxy that the environment names for a URL, if any."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


class Rest:
    """Asks Discord. Use it between `open` and `close`; before and after, nothing is sent."""

    def __init__(self, config: DiscordConfig, caution: Caution | None = None) -> None:
        self.names: dict[str, str] = {}
        self._config = config
        self._wire: Wire | None = None
        self._identity: Identity | None = None
        self._failure: SendError | None = None
        self._trouble = ""
        self._is_doubtful = False
        self._caution = caution or Caution()
        self._rests = Rests()
        logging.getLogger("discord.http").setLevel(logging.WARNING)  # its debug lines hold customers' words

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        return self._trouble or (self._caution.trouble if self._wire else "")

    @property
    def failure(self) -> SendError | None:
        """Why Discord did not tell who we are when it was last asked; None when it did, or was not asked."""
        return self._failure

    @property
    def identity(self) -> Identity:
        """Who we are. Raises NotSent until Discord has told."""
        if self._identity is None:
            raise NotSent("Discord has not told yet who we are.")
        return self._identity

    async def open(self) -> None:
        """Make the session, and ask who we are; when Discord does not tell, `trouble` says why; nothing is raised."""
        addressed(self._config)
        timeout = aiohttp.ClientTimeout(total=self._config.timeout, connect=self._config.timeout * CONNECT)
        wire = Wire(timeout, proxy_to(self._config.api_url), _trace())
        await wire.start(self._config.token)
        self._wire = wire
        try:
            async with asyncio.timeout(START):
                await self.identify()
        except TimeoutError:
            self._failure = NotSent("Discord does not answer.")
            self._trouble = str(self._failure)
        except SendError:
            pass  # `failure` tells

    async def close(self) -> None:
        """Close the connections; nothing is sent any more."""
        wire, self._wire = self._wire, None
        if wire:
            await wire.close()

    async def identify(self) -> Identity:
        """Ask Discord anew who we are. Raises SendError."""
        try:
            told = await self.ask(Route("GET", "/users/@me"))
            if not isinstance(told, dict) or not told.get("id"):
                raise Unclear("Discord does not say who we are.")
        except SendError as error:
            self._failure = error
            self._trouble = self._trouble or str(error)
            raise
        self._failure = None
        self._identity = Identity(str(told["id"]), str(told.get("username") or told["id"]))
        return self._identity

    async def ask(self, route: Route, act: Act = Act.LOOK, where: str = "", **asked: Any) -> Any:
        """Make a request once, and return its answer. `asked`: json or params. `where`: a channel's id, for sentences.

        Raises NotSent when it was surely not carried out (with `retry_after` when it has to rest), Unclear when nobody
        knows, MessageGone, Closed, or Refused with what an operator must do.
        """
        wire = self._opened()
        key = f"{route.key} {route.major_parameters}"
        self._rests.check(key)
        async with self._caution.turn():
            self._rests.check(key)  # it may have been told while this one waited
            try:
                answer = await wire.request(route, **asked)
                if isinstance(answer, str) and answer:
                    raise ValueError("no JSON")
            except (discord.DiscordException, Told, aiohttp.ClientError, OSError, ValueError) as error:
                raise self._failed(key, error, act, where or str(route.channel_id or "")) from None
            except RuntimeError:
                if self._wire is wire:
                    raise
                raise NotSent("The connection to Discord is being closed.") from None
            self._trouble, self._is_doubtful = "", False
            self._caution.valid()
            self._rests.clear(key)
            return answer

    def watch(self) -> aiohttp.TraceConfig:
        """For another client with our token: it asks nothing while nothing may be asked, and what it is refused counts.

        Its requests then end in NotSent or TokenRefused. Answers to interactions, which have a token of their own, only
        count.
        """
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._begun)
        trace.on_request_end.append(self._ended)
        return trace

    def place(self, channel: str) -> str:
        """A channel in a sentence."""
        name = self.names.get(channel)
        return f"#{name} ({channel})" if name else f"the channel {channel}" if channel else "the server"

    def _opened(self) -> Wire:
        if self._wire is None:
            raise NotSent("The connection to Discord is not open.")
        return self._wire

    def _failed(self, key: str, error: Exception, act: Act, channel: str) -> SendError:
        """What an error means, once it rests that has to, and `trouble` says what follows from it."""
        if isinstance(error, discord.HTTPException):
            failure = of_answer(error, act, self.place(channel))
        else:
            failure = of_exception(error)
        status = getattr(error, "status", 0)
        if error.is_invalid if isinstance(error, Told) else status in INVALID:
            self._caution.invalid()
        was_doubtful, self._is_doubtful = self._is_doubtful, isinstance(failure, Unclear)
        match failure:
            case TokenRefused():
                self._rests.hold(EVERYTHING, failure, self._config.token_rest)
                self._trouble = str(failure)
            case NotSent(retry_after=float(seconds)):
                is_everywhere = status == 403 or (isinstance(error, Told) and error.is_global)
                if not isinstance(error, discord.RateLimited):
                    self._rests.hold(EVERYTHING if is_everywhere else key, failure, seconds)
            case NotSent():
                self._trouble = str(failure)
            case Unclear():
                self._trouble = str(failure) if was_doubtful else self._trouble  # one lost answer is an accident
            case Refused() if status == 403 and channel:
                self._rests.refused(key, failure)
                self._trouble = ""
            case _:
                self._trouble = ""
        return failure

    async def _begun(self, _: object, __: object, asked: aiohttp.TraceRequestStartParams) -> None:
        if any(one in asked.url.path for one in WEBHOOKS):
            return
        self._rests.check(EVERYTHING)
        if wait := self._caution.wait:
            raise NotSent(self._caution.trouble, wait)

    async def _ended(self, _: object, __: object, told: aiohttp.TraceRequestEndParams) -> None:
        if told.response.status in INVALID:
            self._caution.invalid()
        if told.response.status == 401 and not any(one in told.url.path for one in WEBHOOKS):
            failure = token_refused()
            self._rests.hold(EVERYTHING, failure, self._config.token_rest)
            self._trouble = str(failure)


def _trace() -> aiohttp.TraceConfig:
    """Raises "too many" and errors of Discord's own: the library would sleep and ask again, up to five times."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_told)
    return trace


async def _told(_: object, __: object, told: aiohttp.TraceRequestEndParams) -> None:
    if told.response.status == TOO_MANY or told.response.status >= 500:
        raise Told(told.response.status, told.response.headers)
