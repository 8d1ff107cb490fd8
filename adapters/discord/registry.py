"""Tells Discord which commands there are, when it knows others than we have."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from discord import AppCommandType, app_commands
from discord.http import Route

from bot.ports import NotSent, Refused, SendError

REST = 60.0
"""Seconds until a registration that failed is tried again; Discord takes 200 new commands a day."""
REFUSED_REST = 600.0
_COMPARED = (
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "required",
    "choices",
    "autocomplete",
    "value",
)
_CHAT_INPUT = 1
_KINDS = (AppCommandType.chat_input, AppCommandType.message)

Shown = dict[str, Any]

log = logging.getLogger(__name__)


class Asks(Protocol):
    """Asks Discord's REST API (see rest.Rest.ask)."""

    async def ask(self, route: Route, **asked: Any) -> Any: ...


class Registry:
    """Keeps Discord's list of our commands as ours is: those of one server, or of all of them when `guild` is empty.

    `pause`: seconds until a failed attempt is made again. `trouble`: empty when all is well.
    """

    def __init__(self, rest: Asks, guild: str) -> None:
        self.pause = REST
        self.is_done = False
        self.trouble = ""
        self._rest = rest
        self._guild = guild

    async def keep(self, application: int, tree: app_commands.CommandTree[Any]) -> None:
        """Return when Discord knows our commands, however long that takes; once it does, it is not asked again."""
        while not self.is_done:
            pause = self.pause
            try:
                await self._tell(str(application), await payload_of(tree))
            except SendError as error:
                if isinstance(error, Refused):
                    pause = max(pause, REFUSED_REST)
                if isinstance(error, NotSent):
                    pause = max(pause, error.retry_after or 0.0)
                self.trouble = f"Discord: the commands could not be registered ({error})"
                log.error("the commands could not be registered at discord", extra={"why": str(error)})
                await asyncio.sleep(pause)
            else:
                self.trouble = ""
                self.is_done = True

    async def _tell(self, application: str, ours: Sequence[Shown]) -> None:
        everywhere = f"/applications/{application}/commands"
        place = f"/applications/{application}/guilds/{self._guild}/commands" if self._guild else everywhere
        if await self._put(place, ours):
            log.info("the commands were registered at discord", extra={"count": len(ours)})
        if self._guild and await self._put(everywhere, ()):  # else each would be offered twice
            log.info("the commands of all servers were taken back", extra={"guild": self._guild})

    async def _put(self, place: str, ours: Sequence[Shown]) -> bool:
        """Let Discord have these, and no others, in that place; False when it has them already."""
        known = await self._rest.ask(Route("GET", place), params={"with_localizations": "true"})
        if compared(known) == compared(ours):
            return False
        await self._rest.ask(Route("PUT", place), json=list(ours))
        return True


async def payload_of(tree: app_commands.CommandTree[Any]) -> list[Shown]:
    """All commands of a tree as Discord takes them, with their translations."""
    translator = tree.translator
    assert translator is not None
    commands = [one for kind in _KINDS for one in tree.get_commands(type=kind)]
    return [await one.get_translated_payload(tree, translator) for one in commands]


def compared(commands: object) -> list[Shown]:
    """What of commands makes a difference: in Discord's words and in ours, an option may be left out or be empty."""
    shown = [_bare(one) for one in commands] if isinstance(commands, list | tuple) else []
    return sorted(shown, key=lambda one: (one.get("type", _CHAT_INPUT), one.get("name", "")))


def _bare(told: object) -> Any:
    if isinstance(told, Mapping):
        localized = "_localizations"
        return {
            name: dict(value) if name.endswith(localized) else _bare(value)
            for name, value in told.items()
            if name in _COMPARED and value not in (None, False, "", [], {})
        }
    return [_bare(one) for one in told] if isinstance(told, list | tuple) else told
