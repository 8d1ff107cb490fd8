"""All that the fake Discord remembers: people, places, messages, interactions, open modals, registered commands."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any

from tests.fakes.discord_components import pings_of
from tests.fakes.discord_faults import Faults
from tests.fakes.discord_people import (
    ADMINISTRATOR,
    APP,
    BOT_USER,
    DIRECT,
    EVERYONE,
    GUILD,
    PERMISSIONS,
    DiscordChannel,
    DiscordUser,
    sample_channels,
    sample_roles,
    sample_users,
)
from tests.fakes.discord_things import STARTER, Interaction, Modal, Posted

EPOCH = 1420070400000
"""Milliseconds since 1970 at which Discord's ids begin."""
Publish = Callable[[str, dict[str, Any], str], None]


class World:
    """The guild. `clock` gives seconds since 1970: what it says becomes part of the ids.

    `token_life`: seconds that an interaction's token lives, `dead_token` the code for one that does not any more;
    `nonce_life`: seconds for which a nonce is unique; `most_threads`: how many threads may be active;
    `privileged`: the privileged intents that the developer portal grants.
    """

    def __init__(self, clock: Callable[[], float] = time.time, faults: Callable[[], Faults] = Faults) -> None:
        self.clock = clock
        self.faults = faults
        self.users: dict[str, DiscordUser] = sample_users()
        self.roles = sample_roles()
        self.channels: dict[str, DiscordChannel] = sample_channels()
        self.messages: dict[str, Posted] = {}
        self.interactions: dict[str, Interaction] = {}
        self.modals: dict[str, Modal] = {}
        self.commands: dict[str, list[dict[str, Any]]] = {"": [], GUILD: []}
        self.created: list[tuple[float, str]] = []
        self.unknown_keys: list[str] = []
        self.token_life = 900.0
        self.dead_token = 50027
        self.nonce_life = 120.0
        self.most_threads = 1000
        self.privileged = 0
        self.in_guild = True
        self.publish: Publish = lambda name, data, channel: None
        self._tokens: dict[str, str] = {}
        self._nonces: dict[str, tuple[float, str]] = {}
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

    def snowflake(self) -> str:
        """An id of now, higher than all before."""
        self._last = max((int(self.clock() * 1000) - EPOCH) << 22, self._last + 1)
        return str(self._last)

    def stamp(self, at: float | None = None) -> str:
        """A time as Discord writes it."""
        return datetime.fromtimestamp(self.clock() if at is None else at, UTC).isoformat(timespec="microseconds")

    # --- messages -------------------------------------------------------------------------------------------

    def add(self, channel: str, user: str, content: str, **more: Any) -> Posted:
        """A new message; with only= one that a single person sees."""
        one = Posted(self.snowflake(), channel, user, content, self.clock(), self.tell(), **more)
        self.messages[one.id] = one
        if one.nonce:
            self._nonces[one.nonce] = (one.at, one.id)
        if not one.only:
            place = self.channels[channel]
            place.last_message = one.id
            place.message_count += one.kind != STARTER
            self.publish("MESSAGE_CREATE", self.told_newly(one), channel)
        return one

    def by_nonce(self, nonce: str) -> Posted | None:
        """The message of the bot with this nonce of the past few minutes, a deleted one too."""
        at, found = self._nonces.get(nonce, (0.0, ""))
        return self.messages[found] if found and self.clock() - at <= self.nonce_life else None

    def change(self, one: Posted, content: str | None = None, **changes: Any) -> None:
        """Let a message say something else; what is not named stays as it is."""
        if content is not None:
            one.content = content
        if "components" in changes:
            one.former += one.components
        for name, value in changes.items():
            setattr(one, name, value)
        one.updates += 1
        one.seen = self.tell()
        if not one.only:
            self.publish("MESSAGE_UPDATE", self.told(one), one.channel)

    def remove(self, one: Posted) -> None:
        """Delete a message; its thread stays."""
        one.deleted = True
        one.seen = self.tell()
        if not one.only:
            self.publish("MESSAGE_DELETE", self.placed({"id": one.id}, one.channel), one.channel)

    def find(self, channel: str, message: str) -> Posted | None:
        """The message there that everybody sees, unless it is deleted."""
        one = self.messages.get(message)
        return None if one is None or one.deleted or one.only or one.channel != channel else one

    def told(self, one: Posted) -> dict[str, Any]:
        """Discord's message object, as the bot gets it: what others wrote is empty without the intent for it."""
        author = self.users[one.user]
        is_ours = one.user == BOT_USER or BOT_USER in one.pinged
        is_open = is_ours or self.channels[one.channel].partner or self.privileged & 1 << 15
        told: dict[str, Any] = {
            "id": one.id,
            "channel_id": one.channel,
            "author": author.told(),
            "content": one.content if is_open else "",
            "timestamp": self.stamp(one.at),
            "edited_timestamp": self.stamp() if one.updates else None,
            "tts": False,
            "mention_everyone": "@everyone" in one.pinged,
            "mentions": [self.users[name].told() for name in one.pinged if name in self.users],
            "mention_roles": [name for name in one.pinged if name in self.roles],
            "attachments": [],
            "embeds": one.embeds if is_open else [],
            "components": one.components if is_open else [],
            "pinned": False,
            "type": one.kind,
            "flags": one.flags,
        }
        if one.nonce:
            told["nonce"] = one.nonce
        if one.interaction:
            of = self.interactions[one.interaction]
            told |= {"webhook_id": APP, "application_id": APP}
            user = self.users[of.user].told()
            told["interaction_metadata"] = {
                "id": of.id,
                "type": of.kind,
                "user": user,
                "authorizing_integration_owners": {},
            }
        if one.reference:
            told["message_reference"] = {
                "type": 0,
                "message_id": one.reference,
                "channel_id": one.channel,
                "guild_id": GUILD,
            }
        if one.thread:
            told["thread"] = self.channels[one.thread].told()
        return told

    def told_newly(self, one: Posted) -> dict[str, Any]:
        """The same as the gateway tells it when it is new: with its writer as a member, and what it answers."""
        told = self.told(one)
        if not self.channels[one.channel].partner:
            told["member"] = self.users[one.user].told_as_member()
        if one.reference:
            told["referenced_message"] = self.told(self.messages[one.reference])
        return told

    def placed(self, data: dict[str, Any], channel: str) -> dict[str, Any]:
        """What is told over the gateway of something in a channel says where that is."""
        guild = {} if self.channels[channel].partner else {"guild_id": GUILD}
        return data | {"channel_id": channel} | guild

    def called(self, body: Mapping[str, Any], texts: Iterable[str]) -> list[str]:
        """Whom these texts call, as `allowed_mentions` of the body lets them."""
        return pings_of(texts, body.get("allowed_mentions"))

    # --- people and places ----------------------------------------------------------------------------------

    def direct(self, user: str) -> DiscordChannel:
        """The direct messages between the bot and somebody."""
        for channel in self.channels.values():
            if channel.partner == user:
                return channel
        name = f"7{user[1:]}"
        self.channels[name] = DiscordChannel(name, f"@{self.users[user].name}", DIRECT, partner=user)
        return self.channels[name]

    def told_channel(self, channel: DiscordChannel) -> dict[str, Any]:
        """Discord's channel object."""
        told = channel.told()
        return told | {"recipients": [self.users[channel.partner].told()]} if channel.partner else told

    def channel_named(self, channel: str) -> DiscordChannel:
        """The channel of that id or name (support, #support); of a user (@hana, her id) the direct messages."""
        if channel.startswith("@") or channel in self.users:
            return self.direct(self.user_named(channel).id)
        for one in self.channels.values():
            if channel.lstrip("#") in (one.id, one.name) and not one.is_deleted:
                return one
        raise LookupError(f"there is no channel {channel}")

    def user_named(self, user: str) -> DiscordUser:
        """The person of that id, or of that name (hana, @hana)."""
        for one in self.users.values():
            if user.lstrip("@") in (one.id, one.name):
                return one
        raise LookupError(f"there is nobody called {user}")

    def role_named(self, role: str) -> str:
        """The id of the role of that id or name."""
        for one in self.roles.values():
            if role.lstrip("@").lower() in (one.id, one.name.lower()):
                return one.id
        raise LookupError(f"there is no role {role}")

    def told_roles(self) -> list[dict[str, Any]]:
        """Discord's role objects; what is missing by switch no role grants."""
        bits = sum(PERMISSIONS[name] for name in self.faults().missing)
        told = [one.told() for one in self.roles.values()]
        return [one | {"permissions": str(int(one["permissions"]) & ~bits)} for one in told]

    def places(self) -> list[DiscordChannel]:
        """The channels of the guild, without threads and what is deleted."""
        every = self.channels.values()
        return [one for one in every if not (one.is_thread or one.partner or one.is_deleted)]

    def permissions(self, user: str, channel: str = "") -> int:
        """What somebody may do in the guild, or in a channel of it, as Discord reckons it."""
        who = self.users[user]
        bits = self.roles[EVERYONE].permissions
        for role in who.roles:
            bits |= self.roles[role].permissions
        if bits & ADMINISTRATOR:
            return ADMINISTRATOR | sum(PERMISSIONS.values())
        if user == BOT_USER:
            bits &= ~sum(PERMISSIONS[name] for name in self.faults().missing)
            place = self.channels.get(channel)
            place = self.channels.get(place.parent, place) if place else None
            bits &= ~sum(PERMISSIONS[name] for name in place.denied) if place else ~0
        return bits

    def may(self, name: str, channel: str) -> bool:
        """Whether the bot may do this in a channel; in direct messages it may do everything."""
        is_direct = bool(self.channels[channel].partner)
        return is_direct or bool(self.permissions(BOT_USER, channel) & (PERMISSIONS[name] | ADMINISTRATOR))

    # --- interactions ---------------------------------------------------------------------------------------

    def interact(self, kind: int, user: str, channel: str, message: str = "") -> Interaction:
        """Something that a person does begins: its id and its token."""
        one = Interaction(self.snowflake(), token_urlsafe(48), kind, user, channel, self.clock(), message)
        self.interactions[one.id] = one
        self._tokens[one.token] = one.id
        return one

    def by_token(self, token: str) -> Interaction | None:
        """The interaction with this token."""
        return self.interactions.get(self._tokens.get(token, ""))
