"""Channels as operators name them, and the ids that Slack's Web API wants for them."""

import asyncio
import re

from adapters.slack.errors import SlackRefused
from adapters.slack.web import Web, next_cursor
from bot.ports import NotSent, Refused, Unclear

KINDS = "public_channel,private_channel"
PAGE = 999
"""Channels asked for at once: Slack allows fewer than 1000 (docs.slack.dev/reference/methods/conversations.list)."""
FORGIVE = 60.0
"""Seconds before channels are listed again for a name that was not among them."""

_ID = re.compile(r"[CGD][A-Z0-9]+")
"""Ids are upper case, names never are."""


class Channels:
    """Finds the ids of channels and of direct messages, and remembers them: an id stays when a name changes."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._directs: dict[str, str] = {}
        self._listing = asyncio.Lock()
        self._cursor = ""
        self._listed_at: float | None = None

    async def id_of(self, channel: str) -> str:
        """The id of a channel given by id, by name, or as "@" and a user id.

        Raises Refused in words when there is none, NotSent when Slack cannot be asked now.
        """
        if _ID.fullmatch(channel):
            return channel
        try:
            if channel.startswith("@"):
                return await self._direct(channel[1:])
            return await self._named(channel.removeprefix("#"))
        except Unclear as error:
            raise NotSent(str(error)) from error  # nothing was sent by asking

    async def name_of(self, channel: str) -> str:
        """The name of the channel with this id, without #; the id itself where there is none. Raises SendError."""
        if channel not in self._names:
            told = (await self._web.ask("conversations.info", channel=channel)).get("channel") or {}
            self._names[channel] = str(told.get("name") or channel)
        return self._names[channel]

    async def _direct(self, user: str) -> str:
        if user not in self._directs:
            told = (await self._web.ask("conversations.open", users=user)).get("channel") or {}
            if not told.get("id"):
                raise NotSent("Slack does not say where direct messages go.")
            self._directs[user] = str(told["id"])
        return self._directs[user]

    async def _named(self, name: str) -> str:
        async with self._listing:
            while name not in self._ids and await self._list_more():
                pass
        if name not in self._ids:
            raise Refused(f"Slack shows the app no channel #{name}. If it is private, /invite the app there.")
        return self._ids[name]

    async def _list_more(self) -> bool:
        """Read one more page of channels, from where it was broken off; False when all were read a moment ago."""
        now = asyncio.get_running_loop().time()
        if not self._cursor and self._listed_at is not None and now - self._listed_at < FORGIVE:
            return False
        at = {"cursor": self._cursor} if self._cursor else {}
        try:
            told = await self._web.ask("conversations.list", types=KINDS, limit=PAGE, **at)
        except SlackRefused as error:
            self._cursor = ""
            if at and error.name == "invalid_cursor":
                return True
            raise
        for channel in told.get("channels") or ():
            self._ids[str(channel["name"])] = str(channel["id"])
            self._names[str(channel["id"])] = str(channel["name"])
        self._cursor = next_cursor(told)
        if not self._cursor:
            self._listed_at = now
        return True
