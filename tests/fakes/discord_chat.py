"""The messages of the fake Discord's REST API: create, edit, delete, read; direct messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_components import as_kept, calling_texts
from tests.fakes.discord_errors import DiscordError, refuse
from tests.fakes.discord_limits import wrong_in_message
from tests.fakes.discord_people import BOT_USER, FORUM, DiscordChannel
from tests.fakes.discord_things import COMPONENTS_V2, HAS_THREAD, STARTER, Posted
from tests.fakes.discord_world import World

OF_APPS = COMPONENTS_V2 | 1 << 2 | 1 << 12
"""Flags that an application may set on what it posts: components v2, no embeds of links, no notification."""
Reply = tuple[int, Any]


@dataclass
class Call:
    """A request: names in its path, its query, and its body in JSON."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: list[str] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise DiscordError(50109 if self.body is None else 50035, [("", "Only dictionaries may be used")])
        return self.body


def channel_of(world: World, call: Call) -> DiscordChannel:
    """The channel of a request, which the bot can see."""
    channel = world.channels.get(call.path["channel"])
    if channel is None or channel.is_deleted:
        raise DiscordError(10003)
    if channel.id in world.faults().refused:
        raise DiscordError(world.faults().refused[channel.id])
    if not channel.partner and not world.in_guild:
        raise DiscordError(50001)
    if not world.may("view_channel", channel.id):
        raise DiscordError(50001)
    return channel


def create_message(world: World, call: Call) -> Reply:
    """POST channels/{channel}/messages; embeds that are not allowed beside a text are left out without a word."""
    channel = channel_of(world, call)
    if channel.kind == FORUM:
        raise DiscordError(50008)
    if channel.partner:
        _check_partner(world, channel.partner)
    elif not world.may("send_messages_in_threads" if channel.is_thread else "send_messages", channel.id):
        raise DiscordError(50013)
    body = call.fields
    flags = (body.get("flags") or 0) & OF_APPS
    content, parts = content_of(world, body, flags, call.files)
    if parts["embeds"] and not world.may("embed_links", channel.id):
        if not content:
            raise DiscordError(50013)
        parts["embeds"] = []
    nonce = str(body.get("nonce") or "")
    if len(nonce) > 25:
        raise DiscordError(50035, [("nonce", "Must be 25 or fewer in length.")])
    if nonce and body.get("enforce_nonce"):
        former = world.by_nonce(nonce)
        if former is not None:
            if former.deleted:
                raise DiscordError(10008)
            return 200, world.told(former)
    reference = str((body.get("message_reference") or {}).get("message_id") or "")
    if reference and not world.find(channel.id, reference):
        if body["message_reference"].get("fail_if_not_exists", True):
            raise DiscordError(50035, [("message_reference", "Unknown message")])
        reference = ""
    if channel.is_archived:
        if channel.is_locked and not world.may("manage_threads", channel.id):
            raise DiscordError(50083)
        archive(world, channel, False)
    kind = 19 if reference else 0
    one = world.add(channel.id, BOT_USER, content, flags=flags, nonce=nonce, reference=reference, kind=kind, **parts)
    return 200, world.told(one)


def edit_message(world: World, call: Call) -> Reply:
    """PATCH channels/{channel}/messages/{message}."""
    channel = channel_of(world, call)
    one = _message(world, channel, call)
    body = call.fields
    if one.user != BOT_USER:
        raise DiscordError(50005)
    if channel.is_archived:
        raise DiscordError(50083)
    if body.get("embeds") and not world.may("embed_links", channel.id):
        body = body | {"embeds": []}
    edit(world, one, body)
    return 200, world.told(one)


def edit(world: World, one: Posted, body: Mapping[str, Any], files: list[str] | None = None) -> None:
    """Let a message say what the body says; what it does not name stays."""
    is_v2 = bool(one.flags & COMPONENTS_V2 or (body.get("flags") or 0) & COMPONENTS_V2)
    had = {"content": one.content, "embeds": one.embeds, "is_v2": bool(one.flags & COMPONENTS_V2)}
    refuse(wrong_in_message(body, is_v2, had))
    changes: dict[str, Any] = {"flags": one.flags | (COMPONENTS_V2 if is_v2 else 0)}
    content = str(body["content"] or "").strip() if "content" in body else None
    for name in ("embeds", "components"):
        if name in body:
            changes[name] = as_kept(body[name] or []) if name == "components" else list(body[name] or [])
    left = (one.content if content is None else content, changes.get("embeds", one.embeds))
    shown = changes.get("components", one.components) if is_v2 else None
    if not any((*left, shown, one.attachments, files)):
        raise DiscordError(50006)
    texts = calling_texts(content or "", changes.get("components"))
    pinged = world.called(body, texts)
    changes["pinged"] = one.pinged + [name for name in pinged if name not in one.pinged]
    world.change(one, content, **changes)


def content_of(
    world: World, body: Mapping[str, Any], flags: int, files: list[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """The content and the other parts of a new message; DiscordError where Discord would not take them."""
    is_v2 = bool(flags & COMPONENTS_V2)
    refuse(wrong_in_message(body, is_v2))
    content = str(body.get("content") or "").strip()
    embeds, components = list(body.get("embeds") or []), list(body.get("components") or [])
    if not (content or embeds or files or body.get("sticker_ids") or body.get("poll") or (is_v2 and components)):
        raise DiscordError(50006)
    pinged = world.called(body, calling_texts(content, components))
    parts = {"embeds": embeds, "components": as_kept(components), "pinged": pinged, "attachments": list(files or [])}
    return content, parts


def delete_message(world: World, call: Call) -> Reply:
    """DELETE channels/{channel}/messages/{message}: its own, or with permission those of others."""
    channel = channel_of(world, call)
    one = _message(world, channel, call)
    if one.user != BOT_USER and (channel.partner or not world.may("manage_messages", channel.id)):
        raise DiscordError(50003 if channel.partner else 50013)
    if channel.is_archived:
        raise DiscordError(50083)
    world.remove(one)
    return 204, None


def react(world: World, call: Call) -> Reply:
    """PUT channels/{channel}/messages/{message}/reactions/{emoji}/@me."""
    channel = channel_of(world, call)
    one = _message(world, channel, call)
    if not all(world.may(name, channel.id) for name in ("read_message_history", "add_reactions")):
        raise DiscordError(50013)
    if len(call.path["emoji"]) > 2:
        raise DiscordError(10014)
    if call.path["emoji"] not in one.reactions:
        one.reactions.append(call.path["emoji"])
        one.seen = world.tell()
    return 204, None


def get_message(world: World, call: Call) -> Reply:
    """GET channels/{channel}/messages/{message}."""
    channel = channel_of(world, call)
    if not world.may("read_message_history", channel.id):
        raise DiscordError(50001)
    return 200, world.told(_message(world, channel, call))


def get_messages(world: World, call: Call) -> Reply:
    """GET channels/{channel}/messages: newest first; nothing without the permission to read the history."""
    channel = channel_of(world, call)
    limit = call.query.get("limit", "50")
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise DiscordError(50035, [("limit", "int value should be between 1 and 100.")])
    for name in ("before", "after", "around"):
        if not call.query.get(name, "0").isdigit():
            raise DiscordError(50035, [(name, f"Value {call.query[name]!r} is not snowflake.")])
    if not world.may("read_message_history", channel.id):
        return 200, []
    until = world.clock() - world.faults().lag
    here = (one for one in world.messages.values() if one.channel == channel.id and one.at <= until)
    found = [one for one in here if not one.deleted and not one.only]
    return 200, [world.told(one) for one in _page(found, call.query, int(limit))]


def _page(found: list[Posted], query: Mapping[str, str], limit: int) -> list[Posted]:
    found = sorted(found, key=lambda one: int(one.id), reverse=True)
    if "around" in query:
        at = int(query["around"])
        later = [one for one in found if int(one.id) > at][-(limit // 2) :]
        return (later + [one for one in found if int(one.id) <= at])[:limit]
    if "before" in query:
        return [one for one in found if int(one.id) < int(query["before"])][:limit]
    if "after" in query:
        return [one for one in found if int(one.id) > int(query["after"])][-limit:]
    return found[:limit]


def create_dm(world: World, call: Call) -> Reply:
    """POST users/@me/channels: opens for everybody who has an account; whether it can be written into shows then."""
    user = str(call.fields.get("recipient_id") or "")
    if user not in world.users or user == BOT_USER:
        raise DiscordError(50033)
    if world.users[user].is_bot:
        raise DiscordError(50007)
    return 200, world.told_channel(world.direct(user))


def archive(world: World, thread: DiscordChannel, is_archived: bool) -> None:
    """Archive a thread, or open it again."""
    if thread.is_archived != is_archived:
        thread.archived_at = world.stamp()
    thread.is_archived = is_archived
    world.tell()
    world.publish("THREAD_UPDATE", thread.told(), thread.id)


def start_thread(world: World, call: Call) -> Reply:
    """POST channels/{channel}/messages/{message}/threads: the thread has the message's id."""
    channel = channel_of(world, call)
    one = _message(world, channel, call)
    if channel.partner or channel.is_thread:
        raise DiscordError(50024)
    if not world.may("create_public_threads", channel.id):
        raise DiscordError(50013)
    name = str(call.fields.get("name") or "").strip()
    if not 1 <= len(name) <= 100:
        raise DiscordError(50035, [("name", "Must be between 1 and 100 in length.")])
    if one.id in world.channels:
        raise DiscordError(160004)
    threads = (place for place in world.channels.values() if place.is_thread)
    if sum(not thread.is_archived and not thread.is_deleted for thread in threads) >= world.most_threads:
        raise DiscordError(160006)
    thread = DiscordChannel(one.id, name, 11, parent=channel.id, owner=BOT_USER)
    thread.auto_archive = call.fields.get("auto_archive_duration") or 1440
    world.channels[thread.id] = thread
    one.thread = thread.id
    one.flags |= HAS_THREAD
    one.seen = world.tell()
    world.publish("THREAD_CREATE", thread.told() | {"newly_created": True}, thread.id)
    world.add(thread.id, BOT_USER, "", kind=STARTER)
    return 201, thread.told()


def _check_partner(world: World, user: str) -> None:
    who = world.users[user]
    if who.is_bot or who.is_closed:
        raise DiscordError(50007)
    if not who.is_member or not world.in_guild:
        raise DiscordError(50278)


def _message(world: World, channel: DiscordChannel, call: Call) -> Posted:
    one = world.find(channel.id, call.path["message"])
    if one is None:
        raise DiscordError(10008)
    return one
