"""What the bot may do in a channel, reckoned from roles and overwrites as Discord does.

The rules are those of discord.com/developers/docs/topics/permissions#permission-overwrites; everything is taken as the
REST API tells it: a guild, a channel of it, and the bot's member object.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import discord

ROLE, MEMBER = 0, 1
"""Kinds of an overwrite: for a role (that of everyone included), or for one member."""
ALL = discord.Permissions.all().value

Told = Mapping[str, Any]


def in_guild(guild: Told, member: Told) -> int:
    """The bits of what a member may do in a guild, before any channel says otherwise."""
    everyone = str(guild["id"])
    own = {everyone, *map(str, member["roles"])}
    bits = 0
    for role in guild["roles"]:
        if str(role["id"]) in own:
            bits |= int(role["permissions"])
    is_owner = str(guild.get("owner_id")) == str(member["user"]["id"])
    return ALL if is_owner or bits & discord.Permissions(administrator=True).value else bits


def in_channel(guild: Told, channel: Told, member: Told) -> int:
    """The bits of what a member may do in a channel of that guild, time-outs aside."""
    bits = in_guild(guild, member)
    if bits == ALL:
        return bits
    everyone, user = str(guild["id"]), str(member["user"]["id"])
    roles = set(map(str, member["roles"])) - {everyone}
    overwrites = list(channel.get("permission_overwrites") or ())
    for kind, ids in ((ROLE, {everyone}), (ROLE, roles), (MEMBER, {user})):
        bits = _changed(bits, (one for one in overwrites if int(one["type"]) == kind and str(one["id"]) in ids))
    return bits


def is_timed_out(member: Told, now: datetime) -> bool:
    """Whether a moderator has silenced this member for a while."""
    until = member.get("communication_disabled_until")
    return bool(until) and datetime.fromisoformat(str(until)) > now


def lacking(names: Iterable[str], bits: int) -> list[str]:
    """Those of the named permissions that are not among these bits."""
    return [name for name in names if not bits & discord.Permissions(**{name: True}).value]


def _changed(bits: int, overwrites: Iterable[Told]) -> int:
    """What is left after overwrites of one rank: all that they deny is taken, then all that they allow is given."""
    allowed = denied = 0
    for one in overwrites:
        allowed |= int(one["allow"])
        denied |= int(one["deny"])
    return bits & ~denied | allowed
