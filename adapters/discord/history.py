"""Our own messages in Discord's channels and threads, found again by the mark of the key that each carries."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import discord
from discord.http import Route

from adapters.discord.errors import UNKNOWN_CHANNEL, Act, DiscordRefused
from adapters.discord.marks import container_id, is_marked, mark_of
from adapters.discord.rest import Rest
from bot.ports import Clock

PAGE = 100

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What of ours stood in a channel since then, oldest first, when it was read."""

    since: datetime
    at: datetime
    began: float
    ours: tuple[Message, ...]


class History:
    """Reads channels and threads. A post stands there `settle` after its beginning, or never will."""

    def __init__(self, rest: Rest, clock: Clock, settle: timedelta) -> None:
        self._rest = rest
        self._clock = clock
        self._settle = settle
        self._readings: dict[str, _Reading] = {}

    async def find(self, channel: str, key: str, since: datetime) -> str:
        """The id of the first message under `key` posted into a channel since then, empty when there is none.

        One reading serves all who look for posts that had settled before it began: after an outage there are many.
        Raises SendError.
        """
        reading = self._readings.get(channel)
        if reading is None or not self._serves(reading, since):
            reading = await self._read(channel, since)
            self._readings[channel] = reading
        return _first(reading.ours, key, since)

    async def find_under(self, thread: str, key: str, since: datetime) -> str:
        """The id of the first message under `key` posted into a thread since then, if there is such a thread."""
        try:
            return _first((await self._read(thread, since)).ours, key, since)
        except DiscordRefused as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
            return ""

    def _serves(self, reading: _Reading, since: datetime) -> bool:
        """Whether a reading is as good as a new one: it reaches back far enough, and the post had settled by then.

        It is never so old that it could serve two looks that are `settle` apart.
        """
        age = max(timedelta(seconds=_now() - reading.began), abs(self._clock() - reading.at))
        return reading.since <= since and since + self._settle <= reading.at and age < self._settle / 2

    async def _read(self, channel: str, since: datetime) -> _Reading:
        at, began, us = self._clock(), _now(), self._rest.identity.user_id
        ours: list[Message] = []
        after = _before(since)
        while True:
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
            told = await self._rest.ask(route, Act.FIND, params={"after": str(after), "limit": PAGE})
            page = sorted(told or (), key=lambda message: int(message["id"]))
            ours += [message for message in page if str((message.get("author") or {}).get("id")) == us]
            if len(page) < PAGE:
                return _Reading(since, at, began, tuple(ours))
            after = int(page[-1]["id"])


def _first(messages: tuple[Message, ...], key: str, since: datetime) -> str:
    mark, after = mark_of(key), _before(since)
    return next((str(one["id"]) for one in messages if int(one["id"]) > after and _carries(one, mark)), "")


def _carries(message: Message, mark: str) -> bool:
    """Whether a message carries a mark: as the id of its container, or in what can be pressed."""
    number = container_id(mark)
    return any(
        (part.get("type") == discord.ComponentType.container.value and part.get("id") == number)
        or is_marked(str(part.get("custom_id") or ""), mark)
        for part in _parts(message)
    )


def _parts(one: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All components of a message, however deep."""
    for part in (*(one.get("components") or ()), *filter(None, [one.get("accessory")])):
        yield part
        yield from _parts(part)


def _before(since: datetime) -> int:
    """The last id before that moment."""
    return discord.utils.time_snowflake(since) - 1


def _now() -> float:
    return asyncio.get_running_loop().time()
