"""The payloads that the fake Slack sends, built as Slack builds them."""

import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from tests.fakes.slack_people import APP, BOT_USER, DOMAIN, TEAM, SlackChannel, SlackUser
from tests.fakes.slack_views import HELD
from tests.fakes.slack_world import Ephemeral, Posted, SlackView, World

TOKEN = "verification-token"
CONTROL = re.compile(r"(<[@#!][^<>]+>)")


def team(user: SlackUser) -> dict[str, str]:
    return {"id": TEAM, "domain": DOMAIN} if user.team_id == TEAM else {"id": user.team_id, "domain": "other-team"}


def typed(world: World, text: str) -> str:
    """Text as Slack passes it on: escaped, with @hana and #support as control sequences."""
    handles = {one.name: one.id for one in world.users.values()}
    names = {one.name: one.id for one in world.channels.values() if not one.partners}

    def control(match: re.Match[str]) -> str:
        sign, name = match[1], match[2]
        known = (handles if sign == "@" else names).get(name)
        return f"<{sign}{known}|{name}>" if known else match[0]

    parts = CONTROL.split(text)
    return "".join(
        part if CONTROL.fullmatch(part) else re.sub(r"(?<!\S)([@#])([\w.-]+)", control, escaped(part)) for part in parts
    )


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def command(world: World, user: SlackUser, channel: SlackChannel, line: str) -> dict[str, str]:
    """The form fields of a slash command."""
    name, _, text = line.partition(" ")
    shown = "directmessage" if channel.is_direct else "privategroup" if channel.is_private else channel.name
    return {
        "token": TOKEN,
        "team_id": user.team_id,
        "team_domain": team(user)["domain"],
        "channel_id": channel.id,
        "channel_name": shown,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": typed(world, text.strip()),
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": world.address("commands", user.id, channel.id),
        "trigger_id": world.trigger(user.id),
    }


def _common(world: World, kind: str, user: SlackUser, view: str = "") -> dict[str, Any]:
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": APP,
        "token": TOKEN,
        "team": team(user),
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": world.trigger(user.id, view),
    }


def pressed_on_message(
    world: World, user: SlackUser, channel: SlackChannel, on: Posted | Ephemeral, action: dict[str, Any]
) -> dict[str, Any]:
    """block_actions of an element on a message, or on one that only its presser sees."""
    ts = on.ts if isinstance(on, Posted) else on.id
    is_ephemeral = isinstance(on, Ephemeral)
    container = {"type": "message", "message_ts": ts, "channel_id": channel.id, "is_ephemeral": is_ephemeral}
    if on.thread_ts:
        container["thread_ts"] = on.thread_ts
    place = {"ephemeral": ts} if is_ephemeral else {"ts": ts}
    payload = _common(world, "block_actions", user) | {
        "container": container,
        "channel": {"id": channel.id, "name": "directmessage" if channel.is_direct else channel.name},
        "state": {"values": {}},
        "response_url": world.address("actions", user.id, channel.id, **place),
        "actions": [action],
    }
    if isinstance(on, Posted):
        payload["message"] = on.told()
    return payload


def pressed_in_view(world: World, user: SlackUser, view: SlackView, action: dict[str, Any]) -> dict[str, Any]:
    """block_actions of an element in a modal or in the Home."""
    return _common(world, "block_actions", user, view.id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view.told(),
        "actions": [action],
    }


def action_of(world: World, block: Mapping[str, Any], element: Mapping[str, Any], chosen: object) -> dict[str, Any]:
    """What was done to an element: actions[0] of block_actions."""
    told = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    told["action_ts"] = world.stamp()
    if element["type"] == "button":
        told |= {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    else:
        told |= held(element, chosen)
    if "placeholder" in element:
        told["placeholder"] = element["placeholder"]
    return told


def held(element: Mapping[str, Any], chosen: object) -> dict[str, Any]:
    """What an element is set to, by the name that Slack has for it; LookupError for an option that is not there."""
    kind = element["type"]
    if kind == "overflow":
        return {"selected_option": _option(element, chosen)}
    name = HELD[kind]
    if name == "selected_option":
        return {name: _option(element, chosen) if chosen else None}
    if name == "selected_options":
        values = [chosen] if isinstance(chosen, str) and chosen else chosen or []
        assert isinstance(values, list)
        return {name: [_option(element, one) for one in values]}
    if name.endswith("s"):
        return {name: [chosen] if isinstance(chosen, str) else chosen or []}
    return {name: chosen or None}


def _option(element: Mapping[str, Any], chosen: object) -> dict[str, Any]:
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(one for group in groups for one in group["options"])]
    for one in options:
        if chosen in (one["value"], one["text"]["text"]):
            return dict(one)
    raise LookupError(f"{chosen!r} is not offered, only {[one['value'] for one in options]}")


def submission(world: World, user: SlackUser, view: SlackView) -> dict[str, Any]:
    """view_submission."""
    return _common(world, "view_submission", user, view.id) | {"view": view.told(), "response_urls": []}


def closing(world: World, user: SlackUser, view: SlackView, is_cleared: bool) -> dict[str, Any]:
    """view_closed."""
    told = _common(world, "view_closed", user) | {"view": view.told(), "is_cleared": is_cleared}
    del told["trigger_id"]
    return told


def shortcut(world: World, user: SlackUser, channel: SlackChannel, message: Posted, callback_id: str) -> dict[str, Any]:
    """message_action: a message shortcut."""
    told = _common(world, "message_action", user)
    told["user"] = {"id": user.id, "name": user.name, "team_id": user.team_id}
    return told | {
        "action_ts": world.stamp(),
        "callback_id": callback_id,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel.name},
        "message": message.told(),
        "response_url": world.address("actions", user.id, channel.id, ts=message.ts),
    }


def event(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """event_callback around an event."""
    return {
        "token": TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "api_app_id": APP,
        "event": body,
        "type": "event_callback",
        "event_id": f"Ev{token_hex(5).upper()}",
        "event_time": int(world.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{token_hex(12)}",
    }


def rich_words(text: str) -> list[dict[str, Any]]:
    """The rich_text block that Slack makes of what somebody types."""
    parts: list[dict[str, Any]] = []
    for part in CONTROL.split(text):
        mention = re.fullmatch(r"<@(\w+)(?:\|[^>]*)?>", part)
        if mention:
            parts.append({"type": "user", "user_id": mention[1]})
        elif part:
            words = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            parts.append({"type": "text", "text": words})
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}]
