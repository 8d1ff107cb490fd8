"""One connection to the gateway: discord.py's client, which survives what it cannot read."""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import aiohttp
import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.state import ConnectionState

from adapters.discord.app_commands import CommandShape, Translations, made
from adapters.discord.asked import Payload
from adapters.discord.invocations import Heard
from adapters.discord.manifest import intents
from bot.chat.card import Choice

INTERACTION, MESSAGE = "INTERACTION_CREATE", "MESSAGE_CREATE"
AGAIN = 5.0
"""Seconds before a session that Discord invalidated is begun anew: it takes one IDENTIFY in five seconds."""

STUMBLES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError, RuntimeError)
"""How discord.py stumbles over what is not as Discord writes it."""

Parse = Callable[[Any], None]

log = logging.getLogger(__name__)


class Hears(Protocol):
    """What is done with what comes in (see listeners.Listeners)."""

    def hear(self, heard: Heard, verb: str = "") -> None: ...

    def unreadable(self, told: object) -> None: ...

    def overhear(self, told: Payload, ourselves: str, parent: str) -> None: ...

    async def suggest(self, heard: Heard) -> Sequence[Choice]: ...


class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"[a-z_]+(?::.*)?\|\w*"):
    """Any button of ours, however old: what it asks for stands in its custom id."""

    @classmethod
    async def from_custom_id(cls, heard: Heard, item: discord.ui.Item[Any], match: object, /) -> "Press":
        assert isinstance(item, discord.ui.Button)
        return cls(item)

    async def callback(self, heard: Heard) -> None:
        heard.client.listeners.hear(heard)


class GatewayClient(discord.Client):
    """Hears interactions and what is written in servers, and nothing else.

    `identifying` is awaited before each IDENTIFY, and may raise to keep it back. `changed` is called when the
    connection begins to hear, with True, and when it does no longer.
    """

    def __init__(
        self,
        listeners: Hears,
        shapes: Sequence[CommandShape],
        identifying: Callable[[], Awaitable[None]],
        changed: Callable[[bool], None],
        watch: aiohttp.TraceConfig,
        again: float = AGAIN,
    ) -> None:
        self.listeners = listeners
        self._identifying = identifying
        self._changed = changed
        self._again = again
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody misses voice here
        super().__init__(
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            http_trace=watch,
        )
        self.tree = _Tree(self)
        for one in made(shapes, listeners.hear, listeners.suggest):
            self.tree.add_command(one)

    async def setup_hook(self) -> None:
        await self.tree.set_translator(Translations())
        self.add_dynamic_items(Press)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if not initial:
            await asyncio.sleep(self._again)
        await self._identifying()

    async def on_interaction(self, heard: Heard) -> None:
        """Whatever neither a command nor a button of ours took: forms, menus, and what we do not know."""
        if heard.type is not discord.InteractionType.autocomplete:
            self.listeners.hear(heard)

    async def on_connect(self) -> None:
        self._changed(True)

    async def on_resumed(self) -> None:
        self._changed(True)

    async def on_disconnect(self) -> None:
        self._changed(False)

    @property
    def unanswered(self) -> float:
        """Seconds since Discord last answered a heartbeat; 0 while there is no connection."""
        # discord.py keeps this to itself, and reckons as alive whatever sends events, though it may hear no more.
        heart = self.ws._keep_alive if self._is_connected else None
        return time.perf_counter() - heart._last_ack if heart else 0.0

    @property
    def _is_connected(self) -> bool:
        return isinstance(self.ws, DiscordWebSocket)

    def cut(self) -> None:
        """Cut the connection, so that discord.py resumes the session by another: a dead one takes no farewell."""
        if line := self.ws.socket.get_extra_info("socket") if self._is_connected else None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError as error:
                log.debug("the connection was cut already", extra={"why": str(error)})

    def _get_state(self, **options: Any) -> ConnectionState[Any]:
        """discord.py ends a session when it cannot read an event; here the event is left out."""
        state = super()._get_state(**options)
        state.parsers[MESSAGE] = self._overheard
        state.parsers = {name: self._guarded(name, parse) for name, parse in state.parsers.items()}
        return state

    def _overheard(self, told: Any) -> None:
        """Something was written. discord.py makes much of each message, nearly all for nothing here."""
        guild = self.get_guild(int(told.get("guild_id") or 0))
        thread = guild.get_thread(int(told["channel_id"])) if guild else None
        if self.user:
            self.listeners.overhear(told, str(self.user.id), str(thread.parent_id) if thread else "")

    def _guarded(self, name: str, parse: Parse) -> Parse:
        def guarded(told: Any) -> None:
            try:
                parse(told)
            except STUMBLES:
                log.exception("discord sent an event that makes no sense", extra={"event": name})
                if name == INTERACTION:
                    self.listeners.unreadable(told)

        return guarded


class _Tree(app_commands.CommandTree[GatewayClient]):
    """Our commands. One that Discord still offers and we know no more is heard as well, and refused in words."""

    async def on_error(self, heard: Heard, error: app_commands.AppCommandError, /) -> None:
        log.info("a command came in that we have not offered", extra={"why": str(error)})
