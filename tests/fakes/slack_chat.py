"""The chat methods of the fake Slack's Web API: post, update, delete, show to one person."""

import json
from typing import Any

from tests.fakes.slack_blocks import as_kept, is_too_long, wrong_in_message
from tests.fakes.slack_faults import Faults
from tests.fakes.slack_people import BOT, BOT_USER, SlackChannel
from tests.fakes.slack_world import Posted, SlackError, World

LONGEST_TEXT, LONGEST_UPDATE = 40_000, 4_000
LARGEST_METADATA = 16_000


def flag(args: dict[str, Any], name: str) -> bool:
    """A boolean as Slack takes it, from JSON or from a form."""
    return str(args.get(name, "")).lower() in ("1", "true")


def wanted(args: dict[str, Any], name: str, error: str = "invalid_arguments") -> str:
    """An argument that must be there."""
    value = args.get(name)
    if not value or not isinstance(value, str):
        raise SlackError(error, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
    return value


def open_channel(world: World, faults: Faults, name: str, method: str) -> SlackChannel:
    """The channel of that id in which the bot may do so; SlackError in Slack's words otherwise."""
    channel = world.channels.get(name)
    if name in faults.refused:
        raise SlackError(faults.refused[name])
    if channel is None:
        raise SlackError("channel_not_found")
    if BOT_USER not in channel.members:
        if channel.is_private or channel.partners:
            raise SlackError("channel_not_found")
        if method != "chat.postMessage" or "chat:write.public" not in world.scopes:
            raise SlackError("not_in_channel")
    writes = method.startswith("chat.")
    if channel.is_archived and writes:
        raise SlackError("is_inactive" if method == "chat.update" else "is_archived")
    return channel


def content(args: dict[str, Any], longest: int = LONGEST_TEXT) -> tuple[str, list[dict[str, Any]]]:
    """The text and the blocks of a message; SlackError when Slack would not take them."""
    text, blocks = args.get("text", ""), args.get("blocks") or []
    if not isinstance(text, str):
        raise SlackError("invalid_arguments")
    if isinstance(blocks, str):
        raise SlackError("invalid_blocks_format")
    wrong = wrong_in_message(blocks)
    if wrong:
        words = [f"[ERROR] {one}" for one in wrong]
        raise SlackError("invalid_blocks", errors=wrong, response_metadata={"messages": words})
    if is_too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    if len(text) > longest or (longest == LONGEST_UPDATE and len(text.encode()) > longest):
        raise SlackError("msg_too_long")
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    return text, blocks


def metadata_of(args: dict[str, Any]) -> dict[str, Any] | None:
    """The metadata of a message; SlackError when it is not as Slack wants it."""
    given = args.get("metadata")
    if given is None:
        return None
    is_right = isinstance(given, dict) and isinstance(given.get("event_type"), str) and given["event_type"]
    if not is_right or not isinstance(given.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(given)) > LARGEST_METADATA:
        raise SlackError("metadata_too_large")
    return dict(given)


def where(world: World, faults: Faults, name: str, method: str) -> SlackChannel:
    """The channel to post into: by its id, or by the id of the user whose direct messages are meant."""
    if name not in world.users:
        return open_channel(world, faults, name, method)
    if name in faults.refused:
        raise SlackError(faults.refused[name])
    return direct_with(world, [name])


def direct_with(world: World, users: list[str]) -> SlackChannel:
    """The direct messages with users; SlackError when Slack would not let the bot write to one of them."""
    for name in users:
        user = world.users.get(name)
        if user is None:
            raise SlackError("user_not_found")
        if user.deleted:
            raise SlackError("user_disabled")
        if user.is_bot or name == "USLACKBOT":
            raise SlackError("cannot_dm_bot")
    return world.direct(*users)


def post_message(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """chat.postMessage."""
    channel = where(world, faults, wanted(args, "channel", "channel_not_found"), "chat.postMessage")
    text, blocks = content(args)
    metadata = metadata_of(args)
    thread = args.get("thread_ts") or ""
    root = world.root_of(channel.id, thread)
    if thread and root is None and not faults.orphans:
        raise SlackError("thread_not_found")
    one = world.add(
        channel.id,
        BOT_USER,
        text,
        blocks,
        bot_id=BOT,
        thread_ts=root.thread_ts or root.ts if root else thread,
        metadata=metadata,
        unfurl_links=flag(args, "unfurl_links") if "unfurl_links" in args else None,
        unfurl_media=flag(args, "unfurl_media") if "unfurl_media" in args else None,
    )
    return {"channel": channel.id, "ts": one.ts, "message": one.told(with_metadata=True)}


def update(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """chat.update: text without blocks takes the blocks away; metadata that is not said stays."""
    channel = open_channel(world, faults, wanted(args, "channel", "channel_not_found"), "chat.update")
    one = _ours(world, channel, args, "cant_update_message")
    text, blocks = content(args, LONGEST_UPDATE)
    metadata = metadata_of(args)
    if metadata is not None:
        one.metadata = metadata
    edit(world, one, text, blocks)
    return {"channel": channel.id, "ts": one.ts, "text": one.text, "message": one.told()}


def edit(world: World, one: Posted, text: str, blocks: list[dict[str, Any]]) -> None:
    """Let a message say something else."""
    one.former += one.blocks
    one.text, one.blocks = text, as_kept(blocks)
    one.updates += 1
    one.seen = world.tell()


def delete(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """chat.delete."""
    channel = open_channel(world, faults, wanted(args, "channel", "channel_not_found"), "chat.delete")
    one = _ours(world, channel, args, "cant_delete_message")
    world.remove(one)
    return {"channel": channel.id, "ts": one.ts}


def post_ephemeral(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """chat.postEphemeral: to somebody who is in the channel."""
    channel = open_channel(world, faults, wanted(args, "channel", "channel_not_found"), "chat.postEphemeral")
    user = wanted(args, "user", "user_not_found")
    if user not in world.users:
        raise SlackError("user_not_found")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = content(args)
    one = world.show(user, channel.id, text, blocks, args.get("thread_ts") or "")
    return {"message_ts": one.id}


def _ours(world: World, channel: SlackChannel, args: dict[str, Any], error: str) -> Posted:
    one = world.find(channel.id, wanted(args, "ts", "message_not_found"))
    if one is None:
        raise SlackError("message_not_found")
    if one.user != BOT_USER:
        raise SlackError(error)
    return one
