"""What the fake Discord's REST API tells of the bot, the guild, its channels, roles and people; channel changes."""

from typing import Any

from tests.fakes.discord_chat import Call, Reply, archive, channel_of
from tests.fakes.discord_errors import DiscordError
from tests.fakes.discord_people import APP, BOT_USER, GUILD, OTTO, DiscordChannel
from tests.fakes.discord_world import World

INTENT_FLAGS = {1 << 8: 1 << 13, 1 << 1: 1 << 15, 1 << 15: 1 << 19}
"""By privileged intent: the flag of an application in under 100 guilds that has it."""


def me(world: World, _call: Call) -> Reply:
    """GET users/@me."""
    return 200, world.users[BOT_USER].told() | {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}


def application(world: World, _call: Call) -> Reply:
    """GET applications/@me; its flags say which privileged intents are granted."""
    flags = sum(flag for intent, flag in INTENT_FLAGS.items() if world.privileged & intent)
    return 200, {
        "id": APP,
        "name": "Desk",
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": world.users[OTTO].told(),
        "team": None,
        "flags": flags,
        "approximate_guild_count": int(world.in_guild),
        "bot": world.users[BOT_USER].told(),
        "interactions_endpoint_url": None,
        "redirect_uris": [],
        "tags": [],
    }


def guild_object(world: World) -> dict[str, Any]:
    """Discord's guild object, as REST tells it."""
    return {
        "id": GUILD,
        "name": "Sample Team",
        "icon": None,
        "description": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "owner_id": OTTO,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "verification_level": 0,
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "nsfw_level": 0,
        "nsfw": False,
        "max_members": 500000,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "ja",
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": world.told_roles(),
    }


def guilds(world: World, _call: Call) -> Reply:
    """GET users/@me/guilds."""
    names = ("id", "name", "icon", "features")
    told = {name: guild_object(world)[name] for name in names} | {"owner": False, "banner": None}
    return 200, [told | {"permissions": str(world.permissions(BOT_USER))}] if world.in_guild else []


def guild(world: World, call: Call) -> Reply:
    """GET guilds/{guild}."""
    _in_guild(world, call)
    return 200, guild_object(world)


def guild_channels(world: World, call: Call) -> Reply:
    """GET guilds/{guild}/channels: no threads."""
    _in_guild(world, call)
    return 200, [one.told() for one in world.places()]


def guild_roles(world: World, call: Call) -> Reply:
    """GET guilds/{guild}/roles."""
    _in_guild(world, call)
    return 200, world.told_roles()


def member(world: World, call: Call) -> Reply:
    """GET guilds/{guild}/members/{user}."""
    _in_guild(world, call)
    who = world.users.get(call.path["user"])
    if who is None:
        raise DiscordError(10013)
    if not who.is_member:
        raise DiscordError(10007)
    return 200, who.told_with_user()


def members(world: World, call: Call) -> Reply:
    """GET guilds/{guild}/members: only with the privileged intent for members."""
    _in_guild(world, call)
    if not world.privileged & 1 << 1:
        raise DiscordError(50001)
    limit, after = int(call.query.get("limit", "1")), int(call.query.get("after", "0"))
    found = sorted((one for one in world.users.values() if one.is_member), key=lambda one: int(one.id))
    return 200, [one.told_with_user() for one in found if int(one.id) > after][:limit]


def search_members(world: World, call: Call) -> Reply:
    """GET guilds/{guild}/members/search: whose name or nickname begins so."""
    _in_guild(world, call)
    begin, limit = call.query.get("query", "").lower(), int(call.query.get("limit", "1"))
    found = [one for one in world.users.values() if one.is_member and begin]
    names = [
        one for one in found if any(name.lower().startswith(begin) for name in (one.name, one.nick, one.global_name))
    ]
    return 200, [one.told_with_user() for one in names][:limit]


def user(world: World, call: Call) -> Reply:
    """GET users/{user}."""
    if call.path["user"] not in world.users:
        raise DiscordError(10013)
    return 200, world.users[call.path["user"]].told()


def channel(world: World, call: Call) -> Reply:
    """GET channels/{channel}."""
    return 200, world.told_channel(channel_of(world, call))


def active_threads(world: World, call: Call) -> Reply:
    """GET guilds/{guild}/threads/active."""
    _in_guild(world, call)
    threads = [one.told() for one in world.channels.values() if one.is_thread and not one.is_archived]
    return 200, {"threads": threads, "members": []}


def edit_channel(world: World, call: Call) -> Reply:
    """PATCH channels/{channel}: here only threads are changed: archived, locked, name, auto_archive_duration."""
    place, body = channel_of(world, call), call.fields
    if not place.is_thread:
        if not world.may("manage_channels", place.id):
            raise DiscordError(50013)
        return 200, place.told()
    may_manage = world.may("manage_threads", place.id)
    is_own = place.owner == BOT_USER
    if not may_manage and (not is_own or "locked" in body or place.is_locked):
        raise DiscordError(50013)
    if place.is_archived and body.get("archived") is not False and set(body) - {"archived", "locked"}:
        raise DiscordError(50083)
    if body.get("archived") is False and not world.may("send_messages_in_threads", place.id):
        raise DiscordError(50013)
    _change(world, place, body)
    return 200, place.told()


def _change(world: World, thread: DiscordChannel, body: dict[str, Any]) -> None:
    name = body.get("name")
    if name is not None and not 1 <= len(str(name).strip()) <= 100:
        raise DiscordError(50035, [("name", "Must be between 1 and 100 in length.")])
    thread.name = str(name).strip() if name else thread.name
    thread.auto_archive = body.get("auto_archive_duration") or thread.auto_archive
    thread.is_locked = bool(body.get("locked", thread.is_locked))
    archive(world, thread, bool(body.get("archived", thread.is_archived)))


def delete_channel(world: World, call: Call) -> Reply:
    """DELETE channels/{channel}: direct messages are closed, a thread is gone for good."""
    place = channel_of(world, call)
    if not place.partner:
        if not world.may("manage_threads" if place.is_thread else "manage_channels", place.id):
            raise DiscordError(50013)
        place.is_deleted = True
        world.tell()
        world.publish("THREAD_DELETE" if place.is_thread else "CHANNEL_DELETE", place.told(), place.id)
    return 200, world.told_channel(place)


def _in_guild(world: World, call: Call) -> None:
    if call.path["guild"] != GUILD or not world.in_guild:
        raise DiscordError(10004)
