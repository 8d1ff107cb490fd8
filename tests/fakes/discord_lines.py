"""A line of the fake Discord's gateway and its session, and what goes over it first: READY, the guild, or nonsense."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.discord_people import APP, BOT_USER, GUILD, JOINED, OTTO
from tests.fakes.discord_reading import guild_object
from tests.fakes.discord_world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
GUILDS, MEMBERS, MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 1, 1 << 9, 1 << 12
MALFORMED: dict[str, str] = {
    "no_json": "{not json",
    "no_object": "[]",
    "no_data": '{"op": 0, "t": "INTERACTION_CREATE", "s": %d, "d": null}',
    "half": '{"op": 0, "t": "INTERACTION_CREATE", "s": %d, "d": {"id": "1", "type": 3, "data": {}}}',
    "strange_event": '{"op": 0, "t": "NEVER_HEARD_OF", "s": %d, "d": {"x": [1]}}',
    "strange_op": '{"op": 99, "t": null, "s": null, "d": null}',
}


@dataclass
class Session:
    """What a client identified as, and every event that it was sent or missed."""

    id: str
    intents: int
    events: list[tuple[int, str, Any]] = field(default_factory=list)
    is_valid: bool = True


@dataclass
class Connection:
    """A line to the bot. A deaf one stays open, but reads nothing, sends nothing and acknowledges nothing.

    One that is leaving was closed from here. `outbox` holds what is still to be sent; an empty text cuts the line.
    """

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    over: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None
    session: Session | None = None
    is_deaf: bool = False
    is_leaving: bool = False
    heartbeats: int = 0
    sent: list[float] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    @property
    def is_open(self) -> bool:
        transport = self.request.transport
        return not (self.over.is_set() or self.socket.closed or transport is None or transport.is_closing())

    @property
    def is_ready(self) -> bool:
        """Whether it identified or resumed and still hears, so that events go over it."""
        return self.is_open and self.session is not None and not self.is_deaf


def intent_for(name: str, is_direct: bool) -> int:
    """The intent without which a session is not told of an event; 0 for what it is always told."""
    if name.startswith("MESSAGE"):
        return DIRECT_MESSAGES if is_direct else MESSAGES
    if name.startswith("GUILD_MEMBER"):
        return MEMBERS
    return 0 if name == "INTERACTION_CREATE" else GUILDS


def payload(op: int, data: Any) -> dict[str, Any]:
    """What is no event."""
    return {"op": op, "d": data, "s": None, "t": None}


def ready(world: World, session: Session, url: str) -> dict[str, Any]:
    """READY."""
    return {
        "v": 10,
        "user": world.users[BOT_USER].told() | {"verified": True, "mfa_enabled": True, "email": None},
        "guilds": [{"id": GUILD, "unavailable": True}] if world.in_guild else [],
        "session_id": session.id,
        "resume_gateway_url": url,
        "session_type": "normal",
        "application": {"id": APP, "flags": 0},
        "private_channels": [],
        "shard": [0, 1],
    }


def guild_create(world: World, intents: int) -> dict[str, Any]:
    """GUILD_CREATE: without the intent for members only the bot itself is among them."""
    members = [one for one in world.users.values() if one.is_member]
    told = [one for one in members if intents & MEMBERS or one.id == BOT_USER]
    threads = [one for one in world.channels.values() if one.is_thread and not one.is_archived]
    return guild_object(world) | {
        "owner_id": OTTO,
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(members),
        "members": [one.told_with_user() for one in told],
        "channels": [one.told() for one in world.places() if "view_channel" not in one.denied],
        "threads": [one.told() for one in threads if not one.is_deleted],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
