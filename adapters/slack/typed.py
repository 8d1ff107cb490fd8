"""Reads what people wrote in Slack: its escapes, links and mentions, as plain words."""

import re
from collections.abc import Mapping

from bot.chat.profile import Profile

_MENTION = re.compile(r"<@([UW][A-Z0-9]*)(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#([CGD][A-Z0-9]*)(?:\|([^<>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto|tel|ftp|slack):[^<>|]+)(?:\|([^<>]*))?>")
_SPECIAL = re.compile(r"<!([a-z]+)(?:\^[^<>|]*)?(?:\|([^<>]*))?>")
_USER = re.compile(r"(?=.*\d)[UW][A-Z0-9]+")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""All that Slack escapes (docs.slack.dev/messaging/formatting-message-text); the ampersand comes last."""


def typed(text: str) -> str:
    """What somebody typed, as they typed it; people and channels stay "<@U1>" and "<#C1>"."""
    text = _LINK.sub(lambda found: found[2] or found[1].removeprefix("mailto:").removeprefix("tel:"), text)
    text = _SPECIAL.sub(lambda found: found[2] or f"@{found[1]}", text)
    for escaped, sign in _ESCAPES:
        text = text.replace(escaped, sign)
    return text


def plain(text: str, profiles: Mapping[str, Profile]) -> str:
    """What a message says, with the names of the people and channels in it."""

    def name(found: re.Match[str]) -> str:
        known = profiles.get(found[1])
        return f"@{(known.name if known else '') or found[2] or found[1]}"

    return typed(_CHANNEL.sub(lambda found: f"#{found[2] or found[1]}", _MENTION.sub(name, text)))


def people_in(text: str) -> tuple[str, ...]:
    """The ids of those whom a text mentions, each once, in order."""
    return tuple(dict.fromkeys(found[1] for found in _MENTION.finditer(text)))


def is_user(value: str) -> bool:
    """True when an option's whole value is a user id."""
    return bool(_USER.fullmatch(value))


def without_mention(text: str, user: str) -> str:
    """A text without its first mention of `user`."""
    return re.sub(rf"<@{re.escape(user)}(?:\|[^<>]*)?>", " ", text, count=1).strip() if user else text.strip()
