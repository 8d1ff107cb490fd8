"""Slack as a chat platform: cards go into its channels, threads and direct messages, and are found there again."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from aiohttp import web

from adapters.slack.channels import Channels
from adapters.slack.config import SlackConfig
from adapters.slack.errors import TokenRefused
from adapters.slack.history import History, marked
from adapters.slack.listeners import Listeners
from adapters.slack.manifest import EVENTS_PATH
from adapters.slack.people import People
from adapters.slack.render import message_of
from adapters.slack.sockets import Sockets
from adapters.slack.tiers import Tiers
from adapters.slack.web import Web
from bot.chat.card import Card
from bot.chat.profile import Profile
from bot.ports import Clock, Desk, MessageGone, MessageRef, Pace, SendError, Unclear

RESTS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before Slack is asked again who we are, after each failure in a row."""
TOKEN_REST = 60.0
"""Seconds before a token that was refused is tried again, and between looks whether trouble is over."""

_TS = re.compile(r"\d+\.\d+")

log = logging.getLogger(__name__)


class Slack:
    """A Slack workspace. Use it between `open` and `close`; people are served while `run` is under way.

    `texts` gives the adapter's own texts in a language. `pace` and `tiers` are Slack's own when not given.
    """

    name = "slack"

    def __init__(
        self,
        config: SlackConfig,
        texts: Callable[[str], Mapping[str, str]],
        clock: Clock,
        pace: Pace | None = None,
        tiers: Tiers | None = None,
    ) -> None:
        self.config = config
        self.pace = pace or Pace(per_second=1, burst=3, settle=config.settle)
        self.web = Web(config, tiers)
        self.people = People(self.web, clock)
        self.channels = Channels(self.web)
        self._history = History(self.web, clock, self.pace.settle)
        self._texts = texts
        self._listeners: Listeners | None = None
        self._sockets: Sockets | None = None

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        return self.web.trouble or (self._sockets.trouble if self._sockets else "")

    async def open(self) -> None:
        """Get ready to send. Where Slack cannot be used, `trouble` says why, and nothing is raised."""
        await self.web.open()

    async def close(self) -> None:
        """End what is under way and close the connections."""
        await self.people.close()
        await self.web.close()

    def routes(self) -> list[web.RouteDef]:
        """Where Slack's signed requests come in, to be mounted into our web server; none without a signing secret."""
        return [web.post(EVENTS_PATH, self._heard)] if self.config.has_http else []

    async def run(self, desk: Desk) -> None:
        """Serve people by `desk` until cancelled, as soon as Slack has told who we are."""
        await self._introduced()
        listeners = Listeners(self.config, self.web, self.people, self._texts, desk)
        self._listeners = listeners
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch())
                if self.config.has_socket:
                    self._sockets = Sockets(self.config, self.web, listeners.app)
                    tasks.create_task(self._sockets.run())
        finally:
            self._listeners = self._sockets = None
            await listeners.close()

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        """Post a card into a channel, given by id, by name, or as "@" and a user id. Raises SendError."""
        return await self._send(await self.channels.id_of(channel), "", card, key)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Put a card's new state where it stands; its key stays. Raises SendError."""
        drawn = message_of(card, self.config.link_base)
        await self.web.ask(
            "chat.update",
            channel=message.channel,
            ts=_ts(message),
            text=drawn.text,
            blocks=drawn.blocks,
            parse="none",
        )

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        """Post a card in the thread under a message. Raises SendError; MessageGone when that has been deleted."""
        thread = _ts(message)
        self._history.touched(message.channel, thread)
        return await self._send(message.channel, thread, card, key)

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        """Send a card to one person by direct message. Raises SendError."""
        return await self.post(f"@{handle}", card, key)

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        """The first message of ours that carries `key`, posted since then into the channel, or under a message.

        None when there is none, or when it was deleted. Raises SendError.
        """
        place = under.channel if under else await self.channels.id_of(channel)
        if under:
            ts = await self._history.find_under(place, _ts(under), key, since)
        else:
            ts = await self._history.find(place, key, since)
        return MessageRef(place, ts) if ts else None

    async def doubles(self, channel: str, since: datetime) -> list[list[MessageRef]]:
        """Messages of ours posted since then under the same key, oldest first, two or more in a group."""
        place = await self.channels.id_of(channel)
        return [[MessageRef(place, ts) for ts in group] for group in await self._history.doubles(place, since)]

    async def remove(self, message: MessageRef) -> None:
        """Delete one of our own messages; one that is gone already is fine. Raises SendError."""
        try:
            await self.web.ask("chat.delete", channel=message.channel, ts=_ts(message))
        except MessageGone:
            return

    async def profile(self, user: str) -> Profile | None:
        """What Slack says of a person, None when it knows nobody of that id. Raises NotSent."""
        return await self.people.profile(user)

    async def _send(self, channel: str, thread: str, card: Card, key: str) -> MessageRef:
        drawn = message_of(card, self.config.link_base)
        answer = await self.web.ask(
            "chat.postMessage",
            channel=channel,
            text=drawn.text,
            blocks=drawn.blocks,
            metadata=marked(key),
            unfurl_links=False,
            unfurl_media=False,
            **({"thread_ts": thread} if thread else {}),
        )
        if not answer.get("ts"):
            raise Unclear("Slack took the message and did not say where it stands.")
        posted = MessageRef(str(answer.get("channel") or channel), str(answer["ts"]))
        if thread and not (answer.get("message") or {"thread_ts": thread}).get("thread_ts"):
            with suppress(SendError):  # a stray is ugly, and does no harm
                await self.remove(posted)
            raise MessageGone("Slack put the reply into the channel: the message above it has been deleted.")
        return posted

    async def _introduced(self) -> None:
        """Ask who we are until Slack tells; the first time, that was done already."""
        failures = 0
        while failure := self.web.failure:
            rest = rest_after(failure, failures)
            failures += 1
            log.error("slack cannot be used yet", extra={"why": str(failure), "again_in": rest})
            await asyncio.sleep(rest)
            with suppress(SendError):
                await self.web.identify()

    async def _watch(self) -> None:
        """Look from time to time whether trouble is over: perhaps nothing is to be sent that would show it."""
        while True:
            await asyncio.sleep(TOKEN_REST)
            if trouble := self.web.trouble:
                log.error("slack is in trouble", extra={"why": trouble})
                with suppress(SendError):
                    await self.web.identify()

    async def _heard(self, request: web.Request) -> web.StreamResponse:
        if self._listeners is None:
            return web.Response(status=503, headers={"Retry-After": "5"})
        return await self._listeners.receive(request)


def rest_after(failure: SendError, failures: int) -> float:
    """Seconds to rest after a failure that was preceded by so many others in a row."""
    if isinstance(failure, TokenRefused):
        return TOKEN_REST
    return max(RESTS[min(failures, len(RESTS) - 1)], getattr(failure, "retry_after", None) or 0.0)


def _ts(message: MessageRef) -> str:
    """Slack's name of a message. Raises MessageGone for one that was never Slack's."""
    if not _TS.fullmatch(message.message or ""):
        raise MessageGone(f"There is no message {message.message!r} in Slack.")
    return message.message
