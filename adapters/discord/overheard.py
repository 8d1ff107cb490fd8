"""Reads what people write in a server: of all messages, those that answer one of ours, or call us in its thread.

Discord tells the words of no others without a privileged intent, and of those only where we are called: by our name, or
by a reply as Discord makes it unless its writer switches that off. What is not told is empty here.
"""

import re

from discord.http import Route

from adapters.discord.asked import Asked, Payload, Way, dig, objects, word
from adapters.discord.invocations import PLATFORM
from bot.chat.invocation import Invocation
from bot.ports import MessageRef

WRITTEN = (0, 19)
"""Kinds of messages that people write: plain ones, and replies; others tell of joins, pins and the like."""
ANSWERS = (None, 0)
"""Kinds of references by which a message answers another; others forward it."""


def reply(told: Payload, ourselves: str, parent: str) -> Asked | None:
    """The words, told where they were written; None for what concerns nobody here.

    `parent`: the channel in which the message's thread was started, empty outside of threads.
    """
    event, user, place = word(told, "id"), word(told, "author", "id"), word(told, "channel_id")
    is_human = dig(told, "author", "bot") is not True and not word(told, "webhook_id") and user != ourselves
    if not (event and user and place and word(told, "guild_id") and is_human and _is_written(told)):
        return None
    above = place if parent and _calls(told, ourselves) else "" if parent else _answered(told, ourselves)
    if not above:
        return None
    name = word(told, "author", "global_name") or word(told, "author", "username")
    text = re.sub(rf"<@!?{re.escape(ourselves)}>", " ", word(told, "content")).strip()
    people = [one for one in (word(each, "id") for each in objects(told, "mentions")) if one not in ("", ourselves)]
    member = dig(told, "member")
    return Asked(
        Invocation(
            platform=PLATFORM,
            user=user,
            verb="",
            user_name=name,
            channel=parent or place,
            message=above,
            text=text,
            event=event,
        ),
        Way(user=user, user_name=name, place=place, opens=False, event=event),
        people=tuple(one for one in dict.fromkeys(people) if one != user),
        members={user: {**member, "user": dig(told, "author")}} if isinstance(member, dict) else {},
    )


def _is_written(told: Payload) -> bool:
    kind = dig(told, "type")
    return isinstance(kind, int) and kind in WRITTEN


def _calls(told: Payload, ourselves: str) -> bool:
    return any(word(one, "id") == ourselves for one in objects(told, "mentions"))


def _answered(told: Payload, ourselves: str) -> str:
    """The message of ours that this one answers, if it does; what has been deleted may have been ours."""
    if dig(told, "message_reference", "type") not in ANSWERS:
        return ""
    author = word(told, "referenced_message", "author", "id")
    return word(told, "message_reference", "message_id") if author in ("", ourselves) else ""


def marking(message: MessageRef) -> Route:
    """The request that puts ✅ under a message."""
    return Route(
        "PUT",
        "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me",
        channel_id=message.channel,
        message_id=message.message,
        emoji="✅",
    )
