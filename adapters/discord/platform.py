"""Discord as a chat platform: cards go into its channels, threads and direct messages, and are found there again."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

from aiohttp import web
from discord.http import Route

from adapters.discord.app_commands import CommandShape
from adapters.discord.channels import Channels
from adapters.discord.config import DiscordConfig
from adapters.discord.errors import ARCHIVED, UNKNOWN_CHANNEL, Act, DiscordRefused, TokenRefused
from adapters.discord.gateway import Gateway
from adapters.discord.history import History
from adapters.discord.listeners import Listeners
from adapters.discord.marks import mark_of
from adapters.discord.names import name_of
from adapters.discord.overheard import marking
from adapters.discord.people import People
from adapters.discord.ports import Identifies
from adapters.discord.render import card_view
from adapters.discord.rest import Rest
from adapters.discord.threads import Threads
from bot.chat.card import Card, Tone
from bot.chat.profile import Profile
from bot.ports import Clock, Desk, Lease, MessageGone, MessageRef, NotSent, Pace, SendError, Unclear

RESTS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before Discord is asked again who we are, after each failure in a row."""
LOOK_EVERY = 60.0
"""Seconds between looks whether trouble is over."""
AGAIN = 0.5
"""Seconds after which a message whose answer was lost is sent once more, under the same nonce."""
LONGEST_REST = 30.0
"""Seconds that a reply waits for a thread that cannot be started yet; Discord may ask for minutes."""
NONCE = 24
"""Discord takes 25 characters."""
MARKS = 5000
"""Messages whose marks are remembered."""
COMPONENTS_V2 = 1 << 15
SILENT: Mapping[str, list[str]] = {"parse": []}

log = logging.getLogger(__name__)


class Discord:
    """A Discord server. Use it between `open` and `close`; people are served while `run` is under way.

    `texts` gives the adapter's own texts in a language. `pace` is Discord's own when not given: five messages in
    five seconds and channel. Every process sends; the one that holds the lease listens.
    """

    name = "discord"

    def __init__(
        self,
        config: DiscordConfig,
        commands: Sequence[CommandShape],
        texts: Callable[[str], Mapping[str, str]],
        clock: Clock,
        lease: Lease,
        identifies: Identifies,
        pace: Pace | None = None,
    ) -> None:
        self.config = config
        self.pace = pace or Pace(per_second=1, burst=5, settle=config.settle)
        self.rest = Rest(config)
        self.channels = Channels(self.rest, config)
        self.people = People(self.rest, self.channels, config, clock)
        self._threads = Threads(self.rest)
        self._history = History(self.rest, clock, self.pace.settle)
        self._commands = commands
        self._texts = texts
        self._lease = lease
        self._identifies = identifies
        self._gateway: Gateway | None = None
        self._marks: dict[str, str] = {}

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        return self.rest.trouble or (self._gateway.trouble if self._gateway else "")

    async def open(self) -> None:
        """Get ready to send. Where Discord cannot be used, `trouble` says why, and nothing is raised."""
        await self.rest.open()

    async def close(self) -> None:
        """End what is under way and close the connections."""
        await self.people.close()
        await self.rest.close()

    def routes(self) -> list[web.RouteDef]:
        """Nothing comes in from Discord by our own web server."""
        return []

    async def run(self, desk: Desk) -> None:
        """Serve people by `desk` until cancelled, as soon as Discord has told who we are."""
        await self._introduced()
        names = {one.verb: name_of(one.verb) for one in self._commands}
        base, watch = self.config.link_base, self.rest.watch()
        listeners = Listeners(self.people, self, self._texts, desk, base, watch=watch, names=names)
        self._gateway = Gateway(self.config, self.rest, listeners, self._commands, self._lease, self._identifies)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch())
                tasks.create_task(self._gateway.run())
        finally:
            self._gateway = None
            await listeners.close()

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        """Post a card into a channel, given by id, by name, or as "@" and a user id, and start its thread.

        Raises SendError. A card is there without its thread when that cannot be started.
        """
        posted = await self._send(await self.channels.id_of(channel), card, key, Act.POST)
        if not channel.startswith("@"):
            await self._threads.try_to_start(posted, card.title)
        return posted

    async def update(self, message: MessageRef, card: Card) -> None:
        """Put a card's new state where it stands; its thread is archived when the card is done. Raises SendError.

        After a QUIET card its thread is called, too, so that nothing is left of what the card said before.
        What this process has posted or found keeps its mark: until its place is noted, it may be looked for again.
        """
        route = Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=message.channel,
            message_id=_id(message),
        )
        told = await self.rest.ask(route, Act.POST, json=self._drawn(card, self._marks.get(message.message, "")))
        if not isinstance(told, dict):
            return
        if card.tone is Tone.QUIET:
            self._threads.forget(message)
            await self._threads.rename(told, card.title)
        else:
            await self._threads.follow(message, told, card.title, card.tone is Tone.DONE)

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        """Post a card in the thread under a message, which is started where there is none.

        Where Discord lets us start none, the card stands in the channel, as an answer to the message. Raises SendError;
        MessageGone when there is neither message nor thread.
        """
        thread = _id(message)
        try:
            return await self._send(thread, card, key, Act.ANSWER, message.channel)
        except DiscordRefused as error:
            if error.code == ARCHIVED:
                await self._threads.archive(thread, False)
            elif error.code == UNKNOWN_CHANNEL:
                try:
                    await self._threads.start(message, card.title)
                except SendError as failure:
                    if not _will_last(failure):
                        raise
                    log.warning("there is no thread", extra={"card": thread, "why": str(failure)})
                    under = {"message_id": thread, "fail_if_not_exists": True}
                    return await self._send(message.channel, card, key, Act.POST, message_reference=under)
            else:
                raise
        return await self._send(thread, card, key, Act.ANSWER, message.channel)

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        """Send a card to one person by direct message. Raises SendError; Closed where they take none."""
        return await self.post(f"@{handle}", card, key)

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        """The first message of ours that carries `key`, posted since then into the channel, or under a message.

        None when there is none, or when it was deleted. Raises SendError.
        """
        if under:
            thread = _id(under)
            if found := await self._history.find_under(thread, key, since):
                return self._marked(MessageRef(thread, found), key)
        place = under.channel if under else await self.channels.id_of(channel)
        found = await self._history.find(place, key, since)
        if not found:
            return None
        message = self._marked(MessageRef(place, found), key)
        if not under and not channel.startswith("@"):
            self._threads.lacks(message)
        return message

    async def remove(self, message: MessageRef) -> None:
        """Delete one of our own messages; one that is gone already is fine. Raises SendError."""
        route = Route(
            "DELETE",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=message.channel,
            message_id=_id(message),
        )
        try:
            await self.rest.ask(route, Act.ANSWER)
        except MessageGone:
            return
        except DiscordRefused as error:
            if error.code == UNKNOWN_CHANNEL:
                return
            if error.code != ARCHIVED:
                raise
            await self._threads.archive(message.channel, False)
            with suppress(MessageGone):
                await self.rest.ask(route, Act.ANSWER)

    async def mark(self, message: MessageRef) -> None:
        """Put ✅ under somebody's message. Raises SendError."""
        await self.rest.ask(marking(message), Act.MARK)

    async def profile(self, user: str) -> Profile | None:
        """What Discord says of a person, None when it knows nobody of that id. Raises NotSent."""
        return await self.people.profile(user)

    async def _send(self, channel: str, card: Card, key: str, act: Act, where: str = "", **more: Any) -> MessageRef:
        """Create a message, once: its nonce makes a second try within two minutes give back what the first one made."""
        body = {**self._drawn(card, mark_of(key)), **more, "nonce": nonce_of(channel, key), "enforce_nonce": True}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        try:
            told = await self.rest.ask(route, act, where, json=body)
        except Unclear as first:
            await asyncio.sleep(AGAIN)
            try:
                told = await self.rest.ask(route, act, where, json=body)
            except NotSent:
                raise first from None  # the first try may have gone out all the same
        if not isinstance(told, dict) or not told.get("id"):
            raise Unclear("Discord took the message and did not say where it stands.")
        return self._marked(MessageRef(channel, str(told["id"])), key)

    def _marked(self, message: MessageRef, key: str) -> MessageRef:
        """The same; its mark is remembered."""
        self._marks[message.message] = mark_of(key)
        if len(self._marks) > MARKS:
            del self._marks[next(iter(self._marks))]
        return message

    def _drawn(self, card: Card, mark: str) -> dict[str, Any]:
        """A card as the body of a message; nobody is ever called by it."""
        view = card_view(card, self.config.link_base, mark)
        components = view.to_components()  # type: ignore[no-untyped-call]
        return {"components": components, "flags": COMPONENTS_V2, "allowed_mentions": SILENT}

    async def _introduced(self) -> None:
        """Ask who we are until Discord tells; the first time, that was done already."""
        failures = 0
        while failure := self.rest.failure:
            rest = rest_after(failure, failures)
            failures += 1
            log.error("discord cannot be used yet", extra={"why": str(failure), "again_in": rest})
            await asyncio.sleep(rest)
            with suppress(SendError):
                await self.rest.identify()

    async def _watch(self) -> None:
        """Look from time to time whether trouble is over: perhaps nothing is to be sent that would show it."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if trouble := self.trouble:
                log.error("discord is in trouble", extra={"why": trouble})
            if self.rest.trouble:
                with suppress(SendError):
                    await self.rest.identify()


def nonce_of(channel: str, key: str) -> str:
    """What Discord knows a send again by; it does so for all channels together."""
    return sha256(f"{channel} {key}".encode()).hexdigest()[:NONCE]


def rest_after(failure: SendError, failures: int) -> float:
    """Seconds to rest after a failure that was preceded by so many others in a row."""
    if isinstance(failure, TokenRefused):
        return LOOK_EVERY
    return max(RESTS[min(failures, len(RESTS) - 1)], getattr(failure, "retry_after", None) or 0.0)


def _will_last(failure: SendError) -> bool:
    """Whether no thread can be started for a long time, or ever."""
    if isinstance(failure, NotSent):
        return (failure.retry_after or 0.0) > LONGEST_REST
    return not isinstance(failure, MessageGone | TokenRefused)


def _id(message: MessageRef) -> str:
    """Discord's name of a message. Raises MessageGone for one that was never Discord's."""
    if not message.message.isdecimal():
        raise MessageGone(f"There is no message {message.message!r} in Discord.")
    return message.message
