"""What the fake Discord tells the bot of what people did: interactions of every kind."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.fakes.discord_components import SELECTS, TEXT_DISPLAY, TEXT_INPUT
from tests.fakes.discord_people import APP, BOT_USER, GUILD, DiscordChannel, DiscordUser
from tests.fakes.discord_things import Interaction, Modal
from tests.fakes.discord_world import World

USERS, CHANNELS, ROLES = {6, 9}, {7}, {8, 9}
"""Kinds of options whose values are ids of people, channels, roles."""


def interaction(
    world: World, of: Interaction, data: Mapping[str, Any], message: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """An interaction as the gateway tells it."""
    who, where = world.users[of.user], world.channels[of.channel]
    told: dict[str, Any] = {
        "id": of.id,
        "application_id": APP,
        "type": of.kind,
        "token": of.token,
        "version": 1,
        "data": dict(data),
        "locale": who.locale,
        "channel_id": where.id,
        "channel": _channel(world, where, who),
        "app_permissions": str(world.permissions(BOT_USER, where.id)),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "attachment_size_limit": 10485760,
    }
    if message is not None:
        told["message"] = dict(message)
    if where.partner:
        owners = {"0": "0"}
        return told | {"user": who.told(), "context": 1, "authorizing_integration_owners": owners}
    member = who.told_with_user() | {"permissions": str(world.permissions(who.id, where.id))}
    place = {"guild_id": GUILD, "guild": {"id": GUILD, "locale": "ja", "features": []}, "guild_locale": "ja"}
    return told | place | {"member": member, "context": 0, "authorizing_integration_owners": {"0": GUILD}}


def _channel(world: World, where: DiscordChannel, who: DiscordUser) -> dict[str, Any]:
    told = world.told_channel(where)
    return told if where.partner else told | {"permissions": str(world.permissions(who.id, where.id))}


def resolved(
    world: World, users: Iterable[str], channels: Iterable[str] = (), roles: Iterable[str] = ()
) -> dict[str, Any]:
    """Discord's words on the ids that were chosen; of those who left it knows no member."""
    named, places = list(users), list(channels)
    told: dict[str, Any] = {}
    if named:
        told["users"] = {name: world.users[name].told() for name in named}
        members = {name: world.users[name].told_as_member() for name in named if world.users[name].is_member}
        told["members"] = {name: one | {"permissions": str(world.permissions(name))} for name, one in members.items()}
    if places:
        told["channels"] = {name: world.channels[name].told() | {"permissions": "0"} for name in places}
    kept = [name for name in roles if name in world.roles]
    return told | ({"roles": {name: world.roles[name].told() for name in kept}} if kept else {})


def command(world: World, registered: Mapping[str, Any], options: list[dict[str, Any]]) -> dict[str, Any]:
    """What was typed: the options as the bot gets them, and who they name."""
    chosen = list(_leaves(options))
    about = resolved(
        world,
        [one["value"] for one in chosen if one["type"] in USERS and one["value"] in world.users],
        [one["value"] for one in chosen if one["type"] in CHANNELS],
        [one["value"] for one in chosen if one["type"] in ROLES],
    )
    told = {"id": registered["id"], "name": registered["name"], "type": 1, "options": options}
    told |= {"resolved": about} if about else {}
    return told | ({"guild_id": registered["guild_id"]} if "guild_id" in registered else {})


def _leaves(options: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for one in options:
        if "options" in one:
            yield from _leaves(one["options"])
        elif "value" in one:
            yield one


def pressed(world: World, component: Mapping[str, Any], values: list[str]) -> dict[str, Any]:
    """A button that was pressed, or what was chosen in a select."""
    kind = component["type"]
    told = {"component_type": kind, "custom_id": component["custom_id"], "id": component["id"]}
    if kind not in SELECTS:
        return told
    return told | {"values": values, "resolved": _chosen(world, kind, values)}


def submitted(world: World, modal: Modal, values: Mapping[str, Any]) -> dict[str, Any]:
    """A form that was sent: by custom_id what stands in it."""
    components: list[dict[str, Any]] = []
    about: dict[str, Any] = {}
    for one in modal.components:
        inner = one.get("component") or (one.get("components") or [None])[0]
        if one["type"] == TEXT_DISPLAY or inner is None:
            components.append({"type": one["type"], "id": one["id"]})
            continue
        kind, name = inner["type"], inner["custom_id"]
        kept = {"type": kind, "id": inner["id"], "custom_id": name}
        field = "value" if kind in (TEXT_INPUT, 21, 23) else "values"
        kept[field] = values[name]
        if kind in SELECTS:
            for key, more in _chosen(world, kind, values[name]).items():
                about.setdefault(key, {}).update(more)
        holder = {"component": kept} if "component" in one else {"components": [kept]}
        components.append({"type": one["type"], "id": one["id"], **holder})
    return {"custom_id": modal.custom_id, "components": components, "resolved": about}


def _chosen(world: World, kind: int, values: list[str]) -> dict[str, Any]:
    users = [one for one in values if kind in (5, 7) and one in world.users]
    return resolved(world, users, values if kind == 8 else (), values if kind in (6, 7) else ())
