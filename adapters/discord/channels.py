"""Channels as operators name them, and the ids that Discord's API wants for them."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from discord.http import Route

from adapters.discord.config import DiscordConfig
from adapters.discord.errors import Act
from adapters.discord.rest import Rest
from bot.ports import NotSent, Refused, Unclear

FORGIVE = 60.0
"""Seconds before channels are listed again for a name that was not among them."""
GUILDS = 200
"""Servers asked for at once, and all that are looked into (resources/user#get-current-user-guilds)."""
CATEGORY = 4
POSTS_ONLY = frozenset([15, 16])
"""Forums and media channels: each post there is a thread, and no nonce keeps those from doubling."""

_ID = re.compile(r"\d{15,20}")


class Channels:
    """Finds the ids of channels and of direct messages, and remembers them: an id stays when a name changes."""

    def __init__(self, rest: Rest, config: DiscordConfig) -> None:
        self._rest = rest
        self._config = config
        self._kinds: dict[str, int] = {}
        self._named: dict[str, list[str]] = {}
        self._directs: dict[str, str] = {}
        self._listing = asyncio.Lock()
        self._listed_at: float | None = None

    async def id_of(self, channel: str) -> str:
        """The id of a channel given by id, by name, or as "@" and a user id.

        Raises Refused in words when there is none that takes cards, NotSent when Discord cannot be asked now.
        """
        try:
            if channel.startswith("@"):
                return await self._direct(channel[1:])
            if _ID.fullmatch(channel):
                if channel not in self._kinds:
                    self._met(await self._rest.ask(Route("GET", "/channels/{channel_id}", channel_id=channel)))
                return self._fit(channel)
            return self._fit(await self._with_name(channel.removeprefix("#")))
        except Unclear as error:
            raise NotSent(str(error)) from error  # nothing was sent by asking

    async def guilds(self) -> list[str]:
        """The ids of the servers that count: the one set, else all that the bot is in. Raises SendError."""
        if self._config.guild:
            return [self._config.guild]
        told = await self._rest.ask(Route("GET", "/users/@me/guilds"), params={"limit": GUILDS})
        return [str(guild["id"]) for guild in told or ()]

    async def _direct(self, user: str) -> str:
        if not user.isdecimal():
            raise Refused(f"Nobody in Discord has the id {user!r}: ids are numbers.")
        if user not in self._directs:
            told = await self._rest.ask(Route("POST", "/users/@me/channels"), Act.POST, json={"recipient_id": user})
            if not isinstance(told, dict) or not told.get("id"):
                raise NotSent("Discord does not say where direct messages go.")
            self._directs[user] = str(told["id"])
        return self._directs[user]

    async def _with_name(self, name: str) -> str:
        async with self._listing:
            if name.casefold() not in self._named and self._may_list():
                await self._list()
        ids = self._named.get(name.casefold(), [])
        if len(ids) > 1:
            raise Refused(f"Discord has {len(ids)} channels called #{name}. Name the one by its id: {', '.join(ids)}.")
        if not ids:
            raise Refused(f"Discord shows the bot no channel #{name}. If there is one, let the bot's role view it.")
        return ids[0]

    def _may_list(self) -> bool:
        return self._listed_at is None or _now() - self._listed_at >= FORGIVE

    async def _list(self) -> None:
        named: dict[str, list[str]] = {}
        for guild in await self.guilds():
            for channel in await self._rest.ask(Route("GET", "/guilds/{guild_id}/channels", guild_id=guild)) or ():
                self._met(channel)
                if channel["type"] != CATEGORY:
                    named.setdefault(str(channel["name"]).casefold(), []).append(str(channel["id"]))
        self._named = named
        self._listed_at = _now()

    def _met(self, told: Mapping[str, Any]) -> None:
        if not isinstance(told, dict) or not told.get("id"):
            raise NotSent("Discord does not say what channel that is.")
        self._kinds[str(told["id"])] = int(told["type"])
        if told.get("name"):
            self._rest.names[str(told["id"])] = str(told["name"])

    def _fit(self, channel: str) -> str:
        """The same id. Raises Refused when the channel takes no cards."""
        where, kind = self._rest.place(channel), self._kinds.get(channel)
        if kind in POSTS_ONLY:
            raise Refused(
                f"Cards cannot go to {where}: it is a forum, where what is sent again after a lost answer "
                "stands twice. Take a text channel."
            )
        if kind == CATEGORY:
            raise Refused(f"Cards cannot go to {where}: it is a category. Take a text channel in it.")
        return channel


def _now() -> float:
    return asyncio.get_running_loop().time()
