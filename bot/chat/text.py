"""Text for people: plain words, and moments that each platform shows in its reader's manner.

Every string is plain: no platform may read it as markup, mention or link. Each platform's `text` module
does the escaping.
"""

import re
from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time inside a text.

    `spoken` is how the channel's language says it ("10:42", or "12 minutes ago" when `relative`); a platform
    that can show times in the reader's own zone, or keep a relative one running, uses `at` instead.
    """

    at: datetime
    spoken: str
    relative: bool = False


Part = str | Moment
Text = tuple[Part, ...]


def words(text: Text) -> str:
    """The text as one string, for notifications and platforms that know no moments."""
    return "".join(part if isinstance(part, str) else part.spoken for part in text)


def storable(text: str) -> str:
    """The text without what databases do not take: NUL, and the half of a character."""
    return text.replace("\0", "").encode(errors="replace").decode()


def shorten(text: str, limit: int) -> str:
    """Cut to at most `limit` characters, ending in an ellipsis when something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


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
