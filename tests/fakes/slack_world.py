"""All that the fake Slack remembers: messages, ephemeral ones, views, triggers, addresses for answers."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from adapters.slack.manifest import SCOPES
from tests.fakes.slack_blocks import as_kept
from tests.fakes.slack_people import APP, BOT, BOT_USER, TEAM, SlackChannel, SlackUser, sample_channels, sample_users


class SlackError(Exception):
    """A call that Slack refuses, by the name that Slack has for it."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass
class Posted:
    """A message as Slack keeps it. `thread_ts` is set on replies; `seen` counts up with everything that is new.

    `former`: the blocks that it had before it was changed, which somebody may still have in front of them.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]]
    at: float
    seen: int
    bot_id: str = ""
    thread_ts: str = ""
    parent_user: str = ""
    metadata: dict[str, Any] | None = None
    unfurl_links: bool | None = None
    unfurl_media: bool | None = None
    reply_count: int = 0
    updates: int = 0
    deleted: bool = False
    is_tombstone: bool = False
    former: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key in the metadata's payload, as the adapter posts it."""
        return str(((self.metadata or {}).get("event_payload") or {}).get("k", ""))

    def told(self, with_metadata: bool = False) -> dict[str, Any]:
        """Slack's message object."""
        if self.is_tombstone:
            words = "This message was deleted."
            told = {"type": "message", "subtype": "tombstone", "text": words, "user": "USLACKBOT", "hidden": True}
            return told | {"ts": self.ts, "thread_ts": self.ts, "reply_count": self.reply_count}
        told = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts, "team": TEAM}
        if self.blocks:
            told["blocks"] = self.blocks
        if self.bot_id:
            app = APP if self.bot_id == BOT else "A0ROBOT"
            profile = {"id": self.bot_id, "app_id": app, "name": "Desk" if app == APP else "Robot", "deleted": False}
            told |= {"bot_id": self.bot_id, "app_id": app, "bot_profile": profile}
        else:
            told["client_msg_id"] = f"client-{self.ts}"
        if self.updates:
            told["edited"] = {"user": self.bot_id or self.user, "ts": self.ts}
        if self.thread_ts:
            told |= {"thread_ts": self.thread_ts, "parent_user_id": self.parent_user}
        elif self.reply_count:
            told |= {"thread_ts": self.ts, "reply_count": self.reply_count, "is_locked": False, "subscribed": False}
        if with_metadata and self.metadata:
            told["metadata"] = self.metadata
        return told


@dataclass
class Ephemeral:
    """A message that one person sees. `replaced` counts how often it became another in place."""

    id: str
    user: str
    channel: str
    text: str
    blocks: list[dict[str, Any]]
    seen: int
    thread_ts: str = ""
    replaced: int = 0
    deleted: bool = False
    former: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class SlackView:
    """A modal or a Home as one person sees it."""

    id: str
    user: str
    body: dict[str, Any]
    root: str
    seen: int
    previous: str | None = None
    hash: str = ""
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Slack's view object."""
        defaults = {"private_metadata": "", "callback_id": "", "title": None, "submit": None, "close": None}
        flags = {"clear_on_close": False, "notify_on_close": False, "external_id": ""}
        own = {"id": self.id, "team_id": TEAM, "hash": self.hash, "state": {"values": self.values}}
        place = {"previous_view_id": self.previous, "root_view_id": self.root}
        ours = {"app_id": APP, "app_installed_team_id": TEAM, "bot_id": BOT}
        return {**defaults, **flags, **self.body, **own, **place, **ours}


@dataclass
class Trigger:
    """A trigger_id: who may open a view with it, since when, and from which view it came."""

    user: str
    at: float
    view: str = ""
    is_used: bool = False


@dataclass
class ResponseAddress:
    """Where a response_url leads: to whom, where, and the message that was pressed."""

    user: str
    channel: str
    at: float
    ephemeral: str = ""
    ts: str = ""
    uses: int = 0


class World:
    """The workspace. `clock` gives seconds since 1970: what it says becomes the messages' ts.

    `trigger_life` is how many seconds a trigger_id lives; `commands` names the slash commands of the app's manifest,
    such as /queue: others Slack does not pass on (None: it passes on all).
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.base = ""
        self.users: dict[str, SlackUser] = sample_users()
        self.channels: dict[str, SlackChannel] = sample_channels()
        self.scopes = sorted(SCOPES)
        self.posted: list[Posted] = []
        self.shown: list[Ephemeral] = []
        self.modals: dict[str, list[SlackView]] = {}
        self.homes: dict[str, SlackView] = {}
        self.triggers: dict[str, Trigger] = {}
        self.addresses: dict[str, ResponseAddress] = {}
        self.trigger_life = 3.0
        self.commands: set[str] | None = None
        self._by_place: dict[tuple[str, str], Posted] = {}
        self._last = 0
        self._seen = 0
        self._news = asyncio.Event()

    def tell(self) -> int:
        """Something is new: wake those who wait; the number by which it is known."""
        self._seen += 1
        self._news.set()
        self._news = asyncio.Event()
        return self._seen

    async def news(self) -> None:
        """Return when something new can be seen."""
        await self._news.wait()

    def stamp(self) -> str:
        """A ts of now, later than all before."""
        self._last = max(int(self.clock() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def trigger(self, user: str, view: str = "") -> str:
        name = f"{len(self.triggers) + 1}.{int(self.clock())}.{token_hex(16)}"
        self.triggers[name] = Trigger(user, self.clock(), view)
        return name

    def address(self, kind: str, user: str, channel: str, ephemeral: str = "", ts: str = "") -> str:
        """A new response_url; kind: commands or actions."""
        path = f"/{kind}/{TEAM}/{len(self.addresses) + 1}/{token_hex(12)}"
        self.addresses[path] = ResponseAddress(user, channel, self.clock(), ephemeral, ts)
        return self.base + path

    def add(self, channel: str, user: str, text: str, blocks: Iterable[dict[str, Any]] = (), **more: Any) -> Posted:
        """A new message, or with thread_ts a new reply."""
        kept = as_kept(list(blocks))
        one = Posted(channel, self.stamp(), user, text, kept, self.clock(), self.tell(), **more)
        self.posted.append(one)
        self._by_place[channel, one.ts] = one
        root = self._by_place.get((channel, one.thread_ts))
        if root:
            root.reply_count += 1
            one.parent_user = root.user
        return one

    def show(self, user: str, channel: str, text: str, blocks: Iterable[dict[str, Any]], thread_ts: str) -> Ephemeral:
        """A new message for one person alone."""
        one = Ephemeral(self.stamp(), user, channel, text, as_kept(list(blocks)), self.tell(), thread_ts)
        self.shown.append(one)
        return one

    def find(self, channel: str, ts: str) -> Posted | None:
        """The message there, unless it is deleted."""
        one = self._by_place.get((channel, ts))
        return None if one is None or one.deleted else one

    def root_of(self, channel: str, ts: str) -> Posted | None:
        """The message that can have a thread there: one that stands, or is gone but left its replies."""
        one = self._by_place.get((channel, ts))
        return None if one is None or (one.deleted and not one.is_tombstone) else one

    def remove(self, one: Posted) -> None:
        """Delete a message; where it had replies, Slack leaves a stone."""
        one.deleted = True
        one.is_tombstone = one.reply_count > 0
        root = self._by_place.get((one.channel, one.thread_ts))
        if root:
            root.reply_count -= 1
            root.is_tombstone = root.is_tombstone and root.reply_count > 0
        self.tell()

    def direct(self, *users: str) -> SlackChannel:
        """The direct messages between the bot and these users."""
        partners = tuple(sorted(users))
        for channel in self.channels.values():
            if channel.partners == partners:
                return channel
        name = f"D{partners[0][1:]}" if len(partners) == 1 else f"G0{''.join(partners)}"
        self.channels[name] = SlackChannel(name, name.lower(), {*partners, BOT_USER}, partners=partners)
        return self.channels[name]

    def channel_named(self, channel: str) -> SlackChannel:
        """The channel of that id or name (support, #support); of a user (@hana, U0HANA) the direct messages."""
        if channel.startswith("@") or channel in self.users:
            return self.direct(self.user_named(channel).id)
        for one in self.channels.values():
            if channel.lstrip("#") in (one.id, one.name):
                return one
        raise LookupError(f"there is no channel {channel}")

    def user_named(self, user: str) -> SlackUser:
        """The person of that id, or of that handle (hana, @hana)."""
        for one in self.users.values():
            if user.lstrip("@") in (one.id, one.name):
                return one
        raise LookupError(f"there is nobody called {user}")

    def view(self, view_id: str) -> SlackView | None:
        """An open modal or a Home, by its id."""
        modals = (one for stack in self.modals.values() for one in stack)
        return next((one for one in [*modals, *self.homes.values()] if one.id == view_id), None)
