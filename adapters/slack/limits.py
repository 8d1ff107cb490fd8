"""What Slack refuses for its length or number, and the one way to stay below it.

Slack's own limits are those of its Block Kit reference, as slack_sdk.models.blocks, slack_sdk.models.views and
@slack/types spell them out. Those marked "ours" are tighter, so that a whole message stays below the limit that
Slack does not tell: `msg_blocks_too_long` was seen from 13,200 characters on (slackapi/bolt-js, issue 2509).
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.chat.text import shorten

T = TypeVar("T")

LIMITS = {
    "header": 150,
    "section": 3000,
    "sentence": 500,  # ours: a title that is no header
    "badge": 100,  # ours
    "line": 1000,  # ours
    "label": 100,  # ours
    "value": 1000,  # ours
    "quote": 3000,
    "copy": 5000,  # ours
    "chart": 2000,  # ours
    "row": 300,  # ours
    "detail": 500,  # ours
    "footer": 300,  # ours
    "moment": 75,  # ours
    "notification": 500,  # ours: Slack cuts at 40000
    "button": 75,
    "call": 2000,
    "url": 3000,
    "view title": 24,
    "view button": 24,
    "intro": 3000,
    "question": 2000,
    "hint": 2000,
    "choice": 75,
    "choice value": 75,
    "initial value": 3000,
}
"""Characters of each kind of text."""

BUTTONS = 25
ROW = 5
"""Ours: buttons beside each other under a row."""
CHOICES = 100
PARTS = 10
"""Parts of a text with moments: a context block holds ten elements."""
FEW = 25
"""Parts that most probably fit, so that they are built at once."""
NOTHING = "–"
"""Stands where there is nothing to say: Slack refuses empty texts."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much fits: blocks, and characters of their JSON."""

    blocks: int
    characters: int

    def holds(self, blocks: Sequence[object]) -> bool:
        return len(blocks) <= self.blocks and size(blocks) <= self.characters

    def less(self, blocks: Sequence[object]) -> "Room":
        """What is left when these are in."""
        return Room(self.blocks - len(blocks), self.characters - size(blocks))


MESSAGE = Room(50, 11_000)
VIEW = Room(100, 60_000)
"""A modal or a Home: Slack takes 250 kB."""


def cut(name: str, text: str, room: int | None = None) -> str:
    """The text at that limit, never empty; it ends in an ellipsis when something was left out.

    `room`: there is less for it.
    """
    limit = LIMITS[name] if room is None else max(1, min(room, LIMITS[name]))
    if len(text) * 5 > limit and measured(text) > limit:
        text = shorten(text, bisect_right(range(limit), limit, key=lambda end: measured(shorten(text, end + 1))))
    return text if text.strip() else NOTHING


def beginning(name: str, text: str) -> str:
    """As much of the text as fits, without a sign that there is more."""
    return text[: bisect_right(range(1, len(text) + 1), LIMITS[name], key=lambda end: measured(text[:end]))]


def too_long(name: str, text: str) -> bool:
    """True for what must not be cut, and cannot be sent whole."""
    return measured(text) > LIMITS[name]


def measured(text: str) -> int:
    """The length in the longest of the ways in which Slack may count: UTF-16, escaped for markup, and as JSON."""
    astral = len(text.encode("utf-16-le", "surrogatepass")) // 2 - len(text) if not text.isascii() else 0
    escapes = 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
    return len(text) + astral + escapes + text.count("\n") + text.count('"') + text.count("\\")


def size(blocks: Sequence[object]) -> int:
    """The characters of blocks as JSON, as `measured` counts them."""
    return measured(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) if blocks else 0


def fitted(
    parts: Sequence[T], build: Callable[[Sequence[T], int], list[dict[str, Any]]], room: Room
) -> list[dict[str, Any]]:
    """Blocks for as many of the first parts as there is room for; `build(parts, how many were left out)` makes them."""
    if len(parts) <= FEW and room.holds(whole := build(parts, 0)):
        return whole

    def overflows(count: int) -> bool:
        return not room.holds(build(parts[:count], len(parts) - count))

    fits, tried = 0, 1
    while tried <= len(parts) and not overflows(tried):
        fits, tried = tried, 2 * tried
    kept = fits + bisect_left(range(fits + 1, min(tried, len(parts) + 1)), True, key=overflows)
    return build(parts[:kept], len(parts) - kept)


def more(count: int) -> str:
    """Says in no language that so many were left out."""
    return f"… +{count}"
