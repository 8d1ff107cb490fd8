"""What is wrong with an application, servers, channels and roles, by what Discord tells of them; asks nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import discord

from adapters.discord.manifest import PERMISSIONS, invite_url, label, portal_url
from adapters.discord.rights import in_channel, in_guild, is_timed_out, lacking

UNFIT: Mapping[int, str] = MappingProxyType(
    {
        2: "is a voice channel: no thread can be started under a card there",
        4: "is a category, which holds channels and no messages",
        13: "is a stage: no thread can be started under a card there",
        14: "is a directory, which holds no messages",
        15: "is a forum: Discord does not recognise there what is sent again, and a card could stand twice",
        16: "is a media channel: Discord does not recognise there what is sent again, and a card could stand twice",
    }
)
"""Kinds of channels that cannot show cards (resources/channel#channel-object-channel-types), and why."""
CATEGORY = 4
MANAGE_ROLES = discord.Permissions(manage_roles=True).value
HOUR = 3_600_000

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a part of Discord, in words, and how to mend it."""

    part: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server as Discord tells it: with its roles, its channels, and the bot as its member."""

    told: Told
    channels: Sequence[Told]
    member: Told

    @property
    def name(self) -> str:
        return str(self.told["name"])


def of_application(application: Told) -> Iterator[Trouble]:
    """What is set wrongly in the Developer Portal."""
    if address := application.get("interactions_endpoint_url"):
        remedy = f"Empty Interactions Endpoint URL here: {portal_url(application['id'])}/information"
        yield Trouble("discord", f"commands and presses go to {address}, not to Madoguchi", remedy)


def of_connections(gateway: Told) -> Iterator[Trouble]:
    """Whether any of the day's connections is left (topics/gateway#session-start-limit-object)."""
    limit = gateway.get("session_start_limit") or {}
    if limit.get("remaining") == 0:
        hours = -(-int(limit["reset_after"]) // HOUR)
        remedy = f"See whether another program uses this token, and stop it. Discord counts anew in {hours} hours."
        yield Trouble("discord", f"the bot has connected {limit['total']} times today, and may not do so again", remedy)


def of_absence(application: Told, guild: str) -> Trouble:
    """The bot is not where it should be: in this server, or in any."""
    remedy = f"Open the invite link: {invite_url(str(application['id']), guild)}"
    if application.get("bot_require_code_grant"):
        switch = f"Switch Requires OAuth2 Code Grant off here: {portal_url(application['id'])}/bot"
        remedy = f"{switch}\n  {remedy}"
    where = f"in the server {guild}, which DISCORD__GUILD names" if guild else "in any server"
    return Trouble("discord", f"the bot is not {where}", remedy)


def of_time_out(server: Server, now: datetime) -> Iterator[Trouble]:
    """Whether a moderator keeps the bot from writing."""
    if is_timed_out(server.member, now):
        remedy = "In Discord: right-click the bot in the list of members, Remove Timeout."
        yield Trouble("discord", f"the bot is in time-out in {server.name}, and can write nothing", remedy)


def of_rights(server: Server, invite: str) -> Iterator[Trouble]:
    """Permissions that the bot has nowhere in a server, unless a channel gives them."""
    for name in lacking(PERMISSIONS, in_guild(server.told, server.member)):
        yield _unasked(name, invite)


def of_channel(servers: Iterable[Server], channel: str, invite: str) -> Iterator[Trouble]:
    """What keeps cards from a channel, named by its id or name as in settings."""
    part = f"discord:{channel}"
    found = [(server, told) for server in servers for told in server.channels if _is_named(told, channel)]
    if not found:
        remedy = "Write another in QUEUE_CHANNELS, by name or by ID (Copy Channel ID); threads show no cards."
        yield Trouble(part, "there is no such channel where the bot is", remedy)
        return
    if len(found) > 1:
        ids = " or ".join(f"discord:{told['id']}" for _, told in found)
        yield Trouble(part, f"{len(found)} channels are called so", f"Write in QUEUE_CHANNELS which one: {ids}.")
        return
    ((server, told),) = found
    name = f"#{told['name']}"
    if int(told["type"]) in UNFIT:
        yield Trouble(part, f"{name} {UNFIT[int(told['type'])]}", "Write a text channel in QUEUE_CHANNELS.")
        return
    everywhere = lacking(PERMISSIONS, in_guild(server.told, server.member))
    for permission in lacking(PERMISSIONS, in_channel(server.told, told, server.member)):
        if permission in everywhere:
            yield _unasked(permission, invite)
            continue
        missing = f"the bot lacks the permission {label(permission)} in {name}: {PERMISSIONS[permission]}"
        bot = server.member["user"]["username"]
        remedy = f"In Discord: Edit Channel of {name}, Permissions, add {bot}, and allow {label(permission)}."
        yield Trouble(part, missing, remedy)


def of_roles(servers: Iterable[Server], agents: Sequence[str], supervisors: Sequence[str]) -> Iterator[Trouble]:
    """What is wrong with the roles that say who is of the team, named by id or name as in settings."""
    told = [(str(server.told["id"]), role) for server in servers for role in server.told["roles"]]
    for setting, names in (("AGENT_ROLES", agents), ("SUPERVISOR_ROLES", supervisors)):
        for name in names:
            yield from _of_role(f"DISCORD__{setting}", name, [one for one in told if _is_called(one[1], name)])
    for guild, leads in told:
        if any(_is_called(leads, name) for name in supervisors):
            yield from _of_rank(leads, [role for of, role in told if of == guild and _is_any(role, agents)])


def _of_role(setting: str, name: str, found: Sequence[tuple[str, Told]]) -> Iterator[Trouble]:
    if not found:
        remedy = "Write it as it is called in Server Settings, Roles; or its ID (Copy Role ID)."
        yield Trouble(setting, f"there is no role {name} where the bot is", remedy)
    for guild, role in found:
        if str(role["id"]) == guild:
            yield Trouble(
                setting, "@everyone is everybody in the server", "Name a role that only people of the team have."
            )
        elif "bot_id" in (role.get("tags") or {}):
            yield Trouble(setting, f"the role {name} belongs to a bot, and people cannot have it", "Name another role.")
    guilds = [guild for guild, _ in found]
    if len(set(guilds)) < len(guilds):
        ids = " or ".join(str(role["id"]) for _, role in found)
        yield Trouble(
            setting, f"{len(found)} roles are called {name}", f"Write the ID of the one that you mean: {ids}."
        )


def _of_rank(leads: Told, agents: Iterable[Told]) -> Iterator[Trouble]:
    """Whoever may manage roles hands out those below their own: agents must not make themselves supervisors."""
    for role in agents:
        if int(role["permissions"]) & MANAGE_ROLES and int(role["position"]) > int(leads["position"]):
            why = f"{role['name']} may manage roles and stands above {leads['name']}"
            remedy = (
                f"In Server Settings, Roles: drag {leads['name']} above {role['name']}, or take Manage Roles from it."
            )
            yield Trouble("DISCORD__SUPERVISOR_ROLES", f"agents can make themselves supervisors: {why}", remedy)


def _unasked(permission: str, invite: str) -> Trouble:
    found = f"the bot lacks the permission {label(permission)}: {PERMISSIONS[permission]}"
    return Trouble("discord", found, f"Open the invite link again; it gives what is missing: {invite}")


def _is_named(channel: Told, name: str) -> bool:
    if str(channel["id"]) == name:
        return True
    return int(channel["type"]) != CATEGORY and str(channel["name"]).casefold() == name.casefold()


def _is_called(role: Told, name: str) -> bool:
    return str(role["id"]) == name or str(role["name"]).casefold() == name.casefold()


def _is_any(role: Told, names: Iterable[str]) -> bool:
    return any(_is_called(role, name) for name in names)
