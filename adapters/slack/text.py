"""Text on its way into Slack and out of it: what others wrote can neither command Slack nor disguise itself there."""

import re

from bot.chat.text import cleaned, one_line

__all__ = ["cleaned", "escaped", "one_line", "plain", "unlinked"]

_LIVE = re.compile(r"(?<=@)|(?<=:)(?=//)|(?<=\w\.)(?=\w)|(?<=mailto:)|(?<=tel:)", re.IGNORECASE)
_BREAK = "\u2060"


def escaped(text: str) -> str:
    """The text for a place that Slack reads as markup: it begins no mention, link or date there.

    Just these three signs, as Slack's page on formatting text says.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(typed: str) -> str:
    """What a person typed, as Slack hands on slash commands and messages: its escapes undone, cleaned.

    Read mentions before: a typed "&lt;@U1&gt;" comes out as if it were one.
    """
    return cleaned(typed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def unlinked(text: str) -> str:
    """The text on one line, escaped, for notifications: Slack finds nothing in it to make a link or mention of.

    An unseen word joiner stands inside what looks like an address, a link or an @name.
    """
    return escaped(_LIVE.sub(_BREAK, one_line(text)))
