"""One interaction's own ways to answer, by its token: the first response within 3 seconds, then 15 minutes of others.

These three requests are made here and not by discord.py: after an error of Discord's it waits for longer than an
interaction lives, and it would lose them together with the gateway's connection.
Source: discord.com/developers/docs/interactions/receiving-and-responding
"""

import asyncio
from typing import Any

import aiohttp
import discord
from discord.http import Route

from adapters.discord.errors import TOO_MANY, of_exception, retry_after
from adapters.discord.rest import proxy_to
from bot.ports import NotSent, Refused, SendError, Unclear

MESSAGE, THINKING, SILENTLY, UPDATE, SUGGESTIONS, MODAL = 4, 5, 6, 7, 8, 9
"""Kinds of a first response."""
COMPONENTS, PRIVATE = 1 << 15, 1 << 6
"""Flags of a message: it consists of components; only its reader sees it."""
ALREADY = 40060
"""Discord's number for an interaction that has had its first response."""
LIFE = 3.0
"""Seconds in which the first response is taken."""

Body = dict[str, Any]


class Answered(Refused):
    """The interaction has had its first response: it was told twice, or the answer to ours was lost."""


def session(watch: aiohttp.TraceConfig | None = None) -> aiohttp.ClientSession:
    """The connections for answers, which outlive those of the gateway; `watch` is told of every request."""
    agent = f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__})"
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),  # no first response waits behind answers that hang
        headers={"User-Agent": agent},
        timeout=aiohttp.ClientTimeout(total=10.0),
        trace_configs=[watch] if watch else None,
        proxy=proxy_to(Route.BASE),  # asked of the environment once: for each request, aiohttp asks in threads
    )


class Reply:
    """Answers one interaction. Every method raises SendError; Refused when this way is closed for good."""

    def __init__(
        self, http: aiohttp.ClientSession, event: str, application: str, token: str, born: float | None = None
    ) -> None:
        self._http = http
        self._callback = f"/interactions/{event}/{token}/callback"
        self._webhook = f"/webhooks/{application}/{token}"
        self._born = _now() if born is None else born
        self.deferred = False

    @property
    def left(self) -> float:
        """Seconds that are left for the first response."""
        return LIFE - (_now() - self._born)

    @property
    def age(self) -> float:
        """Seconds since the interaction came in."""
        return _now() - self._born

    async def show(self, components: list[Body], in_place: bool) -> None:
        """First response: a message for the asker alone, or `in_place` of the one that they pressed."""
        flags = COMPONENTS if in_place else COMPONENTS | PRIVATE
        await self._first(UPDATE if in_place else MESSAGE, _message(components, flags))

    async def open(self, modal: Body) -> None:
        """First response: a modal."""
        await self._first(MODAL, modal)

    async def defer(self, in_place: bool) -> None:
        """First response: the answer comes later, and takes the place of the "thinking", or of what was pressed."""
        try:
            if in_place:
                await self._first(SILENTLY, None)
            else:
                await self._first(THINKING, {"flags": PRIVATE})
        except Answered:
            pass
        self.deferred = True

    async def edit(self, components: list[Body]) -> None:
        """Put the answer where the first response stands."""
        await self._ask("PATCH", f"{self._webhook}/messages/@original", _message(components, COMPONENTS))

    async def follow(self, components: list[Body]) -> None:
        """Another message for the asker alone."""
        address = f"{self._webhook}?with_components=true"
        await self._ask("POST", address, _message(components, COMPONENTS | PRIVATE))

    async def _first(self, kind: int, data: Body | None) -> None:
        if self.left <= 0:
            raise Refused("The interaction is over.")
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        try:
            async with asyncio.timeout(self.left):
                await self._ask("POST", self._callback, body)
        except TimeoutError:
            raise Unclear("Discord did not answer in time.") from None

    async def _ask(self, method: str, path: str, body: Body) -> None:
        try:
            async with self._http.request(method, Route.BASE + path, json=body) as answer:
                if answer.status >= 300:
                    raise _failure(answer.status, await _code(answer), answer)
                await answer.read()
        except SendError:
            raise
        except TimeoutError:
            raise Unclear("Discord did not answer in time.") from None
        except (aiohttp.ClientError, OSError, RuntimeError) as error:  # a session that is closed is a RuntimeError
            raise of_exception(error) from error


def _message(components: list[Body], flags: int) -> Body:
    return {"components": components, "flags": flags, "allowed_mentions": {"parse": []}}


async def _code(answer: aiohttp.ClientResponse) -> int:
    """Discord's own number for what went wrong; 0 when it is not told."""
    try:
        told = await answer.json(content_type=None)
    except ValueError:
        return 0
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, int) else 0


def _failure(status: int, code: int, answer: aiohttp.ClientResponse) -> SendError:
    if code == ALREADY:
        return Answered("The interaction has been answered.")
    if status == TOO_MANY:
        return NotSent("Discord asks to slow down.", retry_after(answer.headers))
    if status >= 500:
        return Unclear(f"Discord answered {status}.")
    return Refused(f"Discord takes this answer no more ({status} {code}).")


def _now() -> float:
    return asyncio.get_running_loop().time()
