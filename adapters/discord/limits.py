"""What Discord refuses for its length or number, and the one way to stay below it.

Discord's own limits are those of its component reference and of its page on interactions. Those marked "ours" are
tighter, so that a whole card stays below the characters and components of a message.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from discord.ui import ActionRow, Item, Section, TextDisplay

from bot.chat.text import shorten

T = TypeVar("T")
Items = list[Item[Any]]

LIMITS = {
    "title": 400,  # ours
    "sentence": 1200,  # ours: a title that is all that a card says
    "badge": 100,  # ours
    "line": 600,  # ours
    "lines": 800,  # ours: all of them
    "label": 80,  # ours
    "value": 600,  # ours
    "fields": 1000,  # ours: all of them
    "row": 240,  # ours
    "detail": 300,  # ours
    "footer": 250,  # ours
    "chart": 1400,  # ours
    "button": 80,
    "call": 89,  # of a custom id's 100: what stands behind the call takes the others
    "url": 512,
    "choice": 100,
    "choice value": 100,
    "modal title": 45,
    "modal call": 100,
    "intro": 2000,  # ours: Discord does not tell what a modal's texts may have together
    "question": 45,
    "hint": 100,
    "typed": 4000,
    "thread": 100,
}
"""Characters of each kind of text."""

BUTTONS = 15
"""Ours: buttons under a card, in rows of ROW."""
ROW = 5
ROW_IDS = 1000
"""Ours: from here on go the ids of the buttons' rows that belong to a row of a list, not to the card."""
CHOICES = 25
INPUTS = 5
"""Parts of a modal, texts included."""
QUOTE = 1500
"""Ours: characters that a quotation has at least, however many rows come after it."""
QUOTE_BESIDE_COPY = 200
"""The same beside a text to be copied, which matters more."""
SPARE = 20
"""Characters that say how much was left out."""
NOTHING = "–"
"""Stands where there is nothing to say: Discord refuses empty texts."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much fits: components, with those inside others, and characters of all texts together."""

    components: int
    characters: int

    def holds(self, items: Sequence[Item[Any]]) -> bool:
        return components(items) <= self.components and characters(items) <= self.characters

    def less(self, items: Sequence[Item[Any]]) -> "Room":
        """What is left when these are in."""
        return Room(self.components - components(items), self.characters - characters(items))


MESSAGE = Room(40, 4000)


def cut(name: str, text: str, write: Callable[[str], str] = str) -> str:
    """The text at that limit, as `write` writes it, never empty; an ellipsis tells that something was left out."""
    return shortened(text, LIMITS[name], write)


def shortened(text: str, limit: int, write: Callable[[str], str] = str) -> str:
    """Like `cut`, with the limit itself."""
    written = write(text)
    if measured(written) > limit:
        end = bisect_right(range(1, limit + 1), limit, key=lambda end: measured(write(shorten(text, end))))
        written = write(shorten(text, end))
    return written if written.strip() else NOTHING


def too_long(name: str, text: str) -> bool:
    """True for what must not be cut, and cannot be sent whole."""
    return measured(text) > LIMITS[name]


def measured(text: str) -> int:
    """The length as Discord may count at worst: in units of UTF-16."""
    return len(text) if text.isascii() else len(text) + sum(one > "\uffff" for one in text)


def walked(items: Sequence[Item[Any]]) -> Iterator[Item[Any]]:
    """The components with those inside them."""
    for item in items:
        yield item
        if isinstance(item, Section | ActionRow):
            yield from item.walk_children()


def components(items: Sequence[Item[Any]]) -> int:
    """How many components these are, with those inside them."""
    return sum(1 for _ in walked(items))


def characters(items: Sequence[Item[Any]]) -> int:
    """The characters of all their texts."""
    return sum(measured(item.content) for item in walked(items) if isinstance(item, TextDisplay))


def fitted(parts: Sequence[T], build: Callable[[Sequence[T], int], Items], room: Room) -> Items:
    """Components for as many of the first parts as there is room for, from `build(parts, how many were left out)`."""

    def overflows(count: int) -> bool:
        return not room.holds(build(parts[:count], len(parts) - count))

    most = min(len(parts), room.characters)
    kept = most if most == len(parts) and not overflows(most) else bisect_left(range(1, most + 1), True, key=overflows)
    return build(parts[:kept], len(parts) - kept)


def joined(texts: Sequence[str], limit: int) -> str:
    """As many of the first texts as fit, each on a line of its own, and how many were left out."""
    if measured(whole := "\n".join(texts)) <= limit:
        return whole
    room = limit - len(more(len(texts))) - 1
    kept = bisect_right(range(1, len(texts) + 1), room, key=lambda count: measured("\n".join(texts[:count])))
    return "\n".join([*texts[:kept], more(len(texts) - kept)])


def more(count: int) -> str:
    """Says in no language that so many were left out."""
    return f"… +{count}"
