"""Text for people: plain words, and moments that each platform shows in its reader's manner.

Every string is plain: no platform may read it as markup, mention or link. Each platform's `text` module
does the escaping.
"""

from dataclasses import dataclass
from datetime import datetime


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
