"""Our own messages in Slack's channels and threads, found again by the key that each carries."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.web import Web, next_cursor
from bot.ports import Clock, MessageGone

MARK = "madoguchi_card"
"""The type of the metadata that marks a message as ours (docs.slack.dev/messaging/message-metadata)."""
PAGE = 200
THREADS = 5000
"""Threads remembered because something was posted into them lately."""

Message = Mapping[str, Any]


def marked(key: str) -> dict[str, object]:
    """The metadata of a message under this key."""
    return {"event_type": MARK, "event_payload": {"k": key}}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What of ours stood in a channel since then, by key, when it was read."""

    since: datetime
    at: datetime
    began: float
    oldest: Mapping[str, str]


class History:
    """Reads channels and threads. A post stands there `settle` after its beginning, or never will."""

    def __init__(self, web: Web, clock: Clock, settle: timedelta) -> None:
        self._web = web
        self._clock = clock
        self._settle = settle
        self._readings: dict[str, _Reading] = {}
        self._threads: dict[tuple[str, str], datetime] = {}

    async def find(self, channel: str, key: str, since: datetime) -> str:
        """The ts of the first message under `key` posted into a channel since then, empty when there is none.

        One reading serves all who look for posts that had settled before it began: after an outage there are many.
        Raises SendError.
        """
        reading = self._readings.get(channel)
        if reading is None or not self._serves(reading, since):
            reading = await self._read(channel, since)
            self._readings[channel] = reading
        return reading.oldest.get(key, "")

    async def find_under(self, channel: str, thread: str, key: str, since: datetime) -> str:
        """The ts of the first message under `key` posted into a thread since then. Raises SendError."""
        self.touched(channel, thread)
        found = [message["ts"] async for message in self._replies(channel, thread, since) if self._key(message) == key]
        return min(found, key=float, default="")

    def touched(self, channel: str, thread: str) -> None:
        """Something is posted into a thread: look there for doubles too."""
        self._threads.pop((channel, thread), None)
        self._threads[channel, thread] = self._clock()
        if len(self._threads) > THREADS:
            del self._threads[next(iter(self._threads))]

    async def doubles(self, channel: str, since: datetime) -> list[list[str]]:
        """The ts of messages posted since then under the same key, oldest first, two or more in a group.

        Threads are looked into when they began among the newest messages, or were posted into by this process.
        Raises SendError.
        """
        found: dict[str, set[str]] = {}
        threads = {ts for (place, ts), at in self._threads.items() if place == channel and at >= since}
        async for message in self._newest(channel, since):
            found.setdefault(self._key(message), set()).add(message["ts"])
            if (
                message.get("reply_count", 0) > 1
                and float(message.get("latest_reply") or math.inf) >= since.timestamp()
            ):
                threads.add(message["ts"])
        for thread in sorted(threads):
            try:
                async for message in self._replies(channel, thread, since):
                    found.setdefault(self._key(message), set()).add(message["ts"])
            except MessageGone:
                self._threads.pop((channel, thread), None)
        found.pop("", None)
        recent = [[ts for ts in sorted(group, key=float) if float(ts) >= since.timestamp()] for group in found.values()]
        return [group for group in recent if len(group) > 1]

    def _serves(self, reading: _Reading, since: datetime) -> bool:
        """Whether a reading is as good as a new one: it reaches back far enough, and the post had settled by then.

        It is never so old that it could serve two looks that are `settle` apart.
        """
        age = max(timedelta(seconds=_now() - reading.began), abs(self._clock() - reading.at))
        return reading.since <= since and since + self._settle <= reading.at and age < self._settle / 2

    async def _read(self, channel: str, since: datetime) -> _Reading:
        at, began = self._clock(), _now()
        oldest: dict[str, str] = {}
        async for message in self._pages("conversations.history", channel=channel, oldest=_ts(since), inclusive=True):
            if key := self._key(message):
                oldest[key] = min(oldest.get(key, message["ts"]), message["ts"], key=float)
        return _Reading(since, at, began, oldest)

    async def _newest(self, channel: str, since: datetime) -> AsyncIterator[Message]:
        """The newest page, and more as far as they are of that time."""
        read = 0
        async for message in self._pages("conversations.history", channel=channel):
            read += 1
            if read > PAGE and float(message["ts"]) < since.timestamp():
                return
            yield message

    async def _replies(self, channel: str, thread: str, since: datetime) -> AsyncIterator[Message]:
        asked = {"channel": channel, "ts": thread, "oldest": _ts(since), "inclusive": True}
        async for message in self._pages("conversations.replies", **asked):
            if message["ts"] != thread:
                yield message

    async def _pages(self, method: str, **asked: object) -> AsyncIterator[Message]:
        """All messages, page by page."""
        cursor: dict[str, object] = {}
        while True:
            answer = await self._web.ask(method, limit=PAGE, include_all_metadata=True, **asked, **cursor)
            for message in answer.get("messages") or ():
                yield message
            cursor = {"cursor": next_cursor(answer)}
            if not cursor["cursor"]:
                return

    def _key(self, message: Message) -> str:
        """The key of a message of ours, empty for any other."""
        us, mark = self._web.identity, message.get("metadata") or {}
        if us.bot_id != message.get("bot_id") and us.user_id != message.get("user"):
            return ""
        return str((mark.get("event_payload") or {}).get("k") or "") if mark.get("event_type") == MARK else ""


def _ts(moment: datetime) -> str:
    return f"{moment.timestamp():.6f}"


def _now() -> float:
    return asyncio.get_running_loop().time()
