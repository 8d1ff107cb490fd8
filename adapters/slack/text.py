"""Text on its way into Slack and out of it: what others wrote can neither command Slack nor disguise itself there."""

import re

_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff"  # what is no character by itself
    "\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f"  # signs that turn the writing direction, and other unseen orders
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u3164\ufeff\uffa0"  # letters without width or ink
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"
    "]"
)
_JOINERS = re.compile("(?<![\u0600-\u1fff\u2010-\U0010ffff])[\u200c\u200d]")
_SPACES = re.compile(r"\s+")
_LIVE = re.compile(r"(?<=@)|(?<=:)(?=//)|(?<=\w\.)(?=\w)|(?<=mailto:)|(?<=tel:)", re.IGNORECASE)
_BREAK = "\u2060"


def cleaned(text: str) -> str:
    """The text without what nobody sees and what could disguise it; newlines as \\n.

    Gone are control characters but tab, lone surrogates, signs that turn the writing direction, and characters
    without width. Joiners stay where scripts and emoji need them: never after a Latin, Greek or Cyrillic letter.
    """
    if text.isascii() and text.isprintable():
        return text
    return _JOINERS.sub("", _UNSEEN.sub("", _NEWLINES.sub("\n", text)))


def one_line(text: str) -> str:
    """The text cleaned, with single spaces between its words."""
    return _SPACES.sub(" ", cleaned(text)).strip()


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
