"""The small parts of cards: texts with moments in the reader's own time, buttons, menus."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from discord import ButtonStyle, SelectOption
from discord.ui import ActionRow, Button, Select

from adapters.discord.limits import CHOICES, LIMITS, cut, measured, too_long
from adapters.discord.marks import custom_id
from adapters.discord.text import escaped
from bot.chat import card
from bot.chat.text import Moment, Part, Text, one_line, words

STYLES = {
    card.Style.PRIMARY: ButtonStyle.primary,
    card.Style.DANGER: ButtonStyle.danger,
    card.Style.NORMAL: ButtonStyle.secondary,
    card.Style.QUIET: ButtonStyle.secondary,
}
_IN_PATHS = "/?&=%:+,;@~!*'()-._$#"


def marked(name: str, text: Text) -> str:
    """A text as Markdown of at most that limit: words literal, moments as signs that Discord tells each reader."""
    written = "".join(_written(text))
    if measured(written) > LIMITS[name] or not written.strip():
        return cut(name, words(text), escaped)
    return written


def flat(name: str, text: Text) -> str:
    """Like `marked`, on one line."""
    return marked(name, tuple(_on_one_line(part) if isinstance(part, str) else part for part in text)).strip()


def button(one: card.Button, mark: str, in_row: bool = False) -> Button[Any] | None:
    """A button that carries its call; None when Discord could not. In a row it asks no louder than its neighbours."""
    if not one.call or too_long("call", one.call):
        return None
    style = ButtonStyle.secondary if in_row else STYLES[one.style]
    return Button(label=_label("button", one.label), custom_id=custom_id(one.call, mark), style=style)


def link(one: card.Link, base: str) -> Button[Any] | None:
    """A button that opens a page of our own server; None when it is not known where that is."""
    url = base + quote(one.path, safe=_IN_PATHS)
    return Button(label=_label("button", one.label), url=url) if base and not too_long("url", url) else None


def rows(buttons: Sequence[Button[Any]], width: int, first: int | None = None) -> list[ActionRow[Any]]:
    """Buttons beside each other, `width` in a row. `first` is the id of the first such row; without, Discord's own."""
    starts = range(0, len(buttons), width)
    ids = [None if first is None else first + place for place in range(len(starts))]
    return [ActionRow(*buttons[start : start + width], id=one) for start, one in zip(starts, ids, strict=True)]


def menus(items: Iterable[card.Item], mark: str) -> list[ActionRow[Any]]:
    """What can be done in rows, to choose from: for where there are too many rows for buttons.

    A choice's value is the call; the client asks in its own language to choose.
    """
    options = {
        one.call: SelectOption(
            label=_label("choice", words(item.text)),
            value=one.call,
            description=_label("choice", one.label),
        )
        for item in items
        for one in (item.button, *item.buttons)
        if one and button(one, mark)
    }
    every = list(options.values())
    return [
        ActionRow(Select(custom_id=custom_id("", mark), options=every[start : start + CHOICES]))
        for start in range(0, len(every), CHOICES)
    ]


def _written(text: Text) -> Iterator[str]:
    """The parts as Markdown, words beside words as one: an escape looks at its neighbours."""
    for _, run in groupby(text, key=type):
        parts = tuple(run)
        yield "".join(map(_sign, parts)) if isinstance(parts[0], Moment) else escaped(words(parts))


def _sign(moment: Part) -> str:
    assert isinstance(moment, Moment)
    return f"<t:{int(moment.at.timestamp())}:{'R' if moment.relative else 'f'}>"


def _on_one_line(text: str) -> str:
    """The text on one line; the spaces at its ends may part it from a moment."""
    ends = (" " if text[:1].isspace() else "", " " if text[-1:].isspace() else "")
    return one_line(text).join(ends) if text.strip() else " "


def _label(name: str, text: str) -> str:
    """A text for where Discord reads no Markdown."""
    return cut(name, one_line(text))
