"""The methods of the fake Slack's Web API that read: conversations, history, people; and conversations.open."""

from collections.abc import Sequence
from typing import Any, TypeVar

from tests.fakes.slack_chat import direct_with, flag, open_channel, wanted
from tests.fakes.slack_faults import Faults
from tests.fakes.slack_people import BOT_USER, SlackChannel
from tests.fakes.slack_world import Posted, SlackError, World

T = TypeVar("T")
CURSOR = "next:"


def page_of(args: dict[str, Any], things: Sequence[T], usual: int, most: int) -> tuple[Sequence[T], str]:
    """One page of things, and the cursor to the next one."""
    try:
        limit = int(args.get("limit") or usual)
    except ValueError:
        raise SlackError("invalid_limit") from None
    if not 1 <= limit <= most:
        raise SlackError("invalid_limit")
    cursor = str(args.get("cursor") or f"{CURSOR}0")
    if not cursor.startswith(CURSOR) or not cursor[len(CURSOR) :].isdigit():
        raise SlackError("invalid_cursor")
    begin = int(cursor[len(CURSOR) :])
    end = begin + limit
    return things[begin:end], f"{CURSOR}{end}" if end < len(things) else ""


def next_page(cursor: str) -> dict[str, Any]:
    return {"response_metadata": {"next_cursor": cursor}}


def list_channels(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """conversations.list: by default public channels, archived ones too."""
    wanted_types = str(args.get("types") or "public_channel").split(",")
    names = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
    if not set(wanted_types) <= set(names):
        raise SlackError("invalid_types")
    kinds = {names[one] for one in wanted_types}
    found = [
        one
        for one in world.channels.values()
        if one.kind in kinds
        and (one.kind == "channels" or BOT_USER in one.members)
        and not (one.is_archived and flag(args, "exclude_archived"))
    ]
    page, cursor = page_of(args, found, 100, 1000)
    return {"channels": [one.told() for one in page], **next_page(cursor)}


def channel_info(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """conversations.info: public channels also for those who are not in them."""
    name = wanted(args, "channel", "channel_not_found")
    channel = world.channels.get(name)
    if channel is None or (channel.is_private and BOT_USER not in channel.members):
        raise SlackError("channel_not_found")
    if faults.refused.get(name) == "channel_not_found":
        raise SlackError("channel_not_found")
    told = channel.told()
    if faults.refused.get(name) == "is_archived":
        told["is_archived"] = True
    elif faults.refused.get(name) == "not_in_channel":
        told["is_member"] = False
    return {"channel": told}


def members(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """conversations.members."""
    channel = open_channel(world, faults, wanted(args, "channel", "channel_not_found"), "conversations.members")
    page, cursor = page_of(args, sorted(channel.members), 100, 1000)
    return {"members": list(page), **next_page(cursor)}


def open_conversation(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """conversations.open: with 1 to 8 users."""
    users = [one for one in str(args.get("users") or "").split(",") if one]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 8:
        raise SlackError("too_many_users")
    channel = direct_with(world, users)
    return {"channel": channel.told() if flag(args, "return_im") else {"id": channel.id}}


def history(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """conversations.history: newest first, without replies; with `oldest` alone the pages begin at the oldest."""
    channel = open_channel(world, faults, wanted(args, "channel", "channel_not_found"), "conversations.history")
    found = [one for one in _visible(world, faults, channel) if not one.thread_ts and _between(args, one.ts)]
    found.sort(key=lambda one: one.ts)
    is_forward = bool(args.get("oldest")) and not args.get("latest")
    if not is_forward:
        found.reverse()
    page, cursor = page_of(args, found, 100, 999)
    newest_first = sorted(page, key=lambda one: one.ts, reverse=True)
    return _told(args, newest_first, cursor) | {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}


def replies(world: World, faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """conversations.replies: the message, then what stands under it, oldest first."""
    channel = open_channel(world, faults, wanted(args, "channel", "channel_not_found"), "conversations.replies")
    root = world.root_of(channel.id, wanted(args, "ts", "thread_not_found"))
    visible = _visible(world, faults, channel)
    if root is None or root not in visible:
        raise SlackError("thread_not_found")
    if root.thread_ts:
        return _told(args, [root], "")
    under = [one for one in visible if one.thread_ts == root.ts and _between(args, one.ts)]
    page, cursor = page_of(args, [root, *sorted(under, key=lambda one: one.ts)], 1000, 1000)
    return _told(args, page, cursor)


def _visible(world: World, faults: Faults, channel: SlackChannel) -> list[Posted]:
    """What history shows by now."""
    until = world.clock() - faults.lag
    here = (one for one in world.posted if one.channel == channel.id and one.at <= until)
    return [one for one in here if not one.deleted or one.is_tombstone]


def _between(args: dict[str, Any], ts: str) -> bool:
    oldest, latest = _moment(args, "oldest"), _moment(args, "latest")
    at = _micros(ts)
    if flag(args, "inclusive"):
        return (oldest is None or oldest <= at) and (latest is None or at <= latest)
    return (oldest is None or oldest < at) and (latest is None or at < latest)


def _moment(args: dict[str, Any], name: str) -> int | None:
    value = args.get(name)
    if value in (None, "", "0", 0):
        return None
    try:
        return _micros(str(value))
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _micros(ts: str) -> int:
    whole, _, rest = ts.partition(".")
    return int(whole) * 1_000_000 + int((rest or "0").ljust(6, "0")[:6])


def _told(args: dict[str, Any], page: Sequence[Posted], cursor: str) -> dict[str, Any]:
    with_metadata = flag(args, "include_all_metadata")
    told = {"messages": [one.told(with_metadata) for one in page], "has_more": bool(cursor)}
    return told | (next_page(cursor) if cursor else {})


def user_info(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """users.info."""
    user = world.users.get(wanted(args, "user", "user_not_found"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user.told(flag(args, "include_locale"))}


def list_users(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """users.list."""
    page, cursor = page_of(args, list(world.users.values()), 1000, 1000)
    told = [one.told(flag(args, "include_locale")) for one in page]
    return {"members": told, "cache_ts": int(world.clock()), **next_page(cursor)}
