"""The small parts of blocks: texts that Slack never reads as markup, moments in the reader's own time, buttons.

What others wrote stands in plain_text objects and in the literal text of rich text; the only markup is the sign of
a date, which holds nothing of theirs.
"""

from collections.abc import Iterator
from itertools import groupby
from urllib.parse import quote

from slack_sdk.models.blocks import (
    ButtonElement,
    MarkdownTextObject,
    PlainTextObject,
    RichTextElementParts,
    RichTextSectionElement,
)
from slack_sdk.models.blocks.block_elements import RichTextElement

from adapters.slack.limits import LIMITS, PARTS, cut, measured, too_long
from adapters.slack.text import cleaned, escaped, one_line
from bot.chat.card import Button, Item, Link, Style
from bot.chat.text import Moment, Part, Text, words

STYLES = {Style.PRIMARY: "primary", Style.DANGER: "danger", Style.NORMAL: None, Style.QUIET: None}
AT = "{date_short_pretty} {time}"
AGO = "{ago}"
BOLD = RichTextElementParts.TextStyle(bold=True)
BESIDE, LINKED, BELOW = range(3)
"""Places of what can be pressed in a row: action ids are unique in a block, and a link may stand under its row."""
_IN_PATHS = "/?&=%:+,;@~!*'()-._$#"


def literal(name: str, text: str) -> PlainTextObject:
    """A text object of at most that limit; :smile: stays as it was written."""
    return PlainTextObject(text=cut(name, cleaned(text)), emoji=False)


def rich(name: str, text: Text, bold: bool = False, room: int | None = None) -> list[RichTextElement]:
    """A text as elements of rich text, in all of at most that limit, or of less where there is less `room`."""
    style = BOLD if bold else None
    return [
        RichTextElementParts.Text(text=part, style=style)
        if isinstance(part, str)
        else RichTextElementParts.Date(
            timestamp=_seconds(part), format=_format(part), fallback=_spoken(part), style=style
        )
        for part in _within(name, text, room)
    ]


def context(name: str, text: Text) -> list[PlainTextObject | MarkdownTextObject]:
    """A text as elements of a context block: words literal, and each moment as a sign of its own."""
    return [
        PlainTextObject(text=part, emoji=False)
        if isinstance(part, str)
        else MarkdownTextObject(
            text=f"<!date^{_seconds(part)}^{_format(part)}|{escaped(_spoken(part))}>", verbatim=True
        )
        for part in _within(name, text)
        if not isinstance(part, str) or part.strip()
    ]


def section(*elements: RichTextElement) -> RichTextSectionElement:
    """A paragraph of rich text."""
    return RichTextSectionElement(elements=elements)


def button(one: Button, place: int, of: Text = ()) -> ButtonElement | None:
    """A button whose value is its call; None when Slack could not carry the call.

    In a row it has the row's words for screen readers, and asks no louder than its neighbours.
    """
    if not one.call or too_long("call", one.call):
        return None
    return ButtonElement(
        text=literal("button", one.label),
        action_id=f"call:{place}",
        value=one.call,
        style=None if of else STYLES[one.style],
        accessibility_label=cut("button", one_line(f"{one.label}: {words(of)}")) if of else None,
    )


def link(one: Link, base: str, place: int, of: Text) -> ButtonElement | None:
    """A button that opens a page of our own server; None when it is not known where that is."""
    url = base + quote(one.path, safe=_IN_PATHS)
    if not base or too_long("url", url):
        return None
    return ButtonElement(
        text=literal("button", one.label),
        action_id=f"link:{place}",
        url=url,
        accessibility_label=cut("button", one_line(f"{one.label}: {words(of)}")),
    )


def accessories(item: Item, base: str) -> list[ButtonElement]:
    """What can be pressed beside a row; only the first has room there."""
    pressed = button(item.button, BESIDE, item.text) if item.button else None
    opened = link(item.link, base, LINKED, item.text) if item.link else None
    return [one for one in (pressed, opened) if one is not None]


def below(item: Item) -> list[ButtonElement]:
    """What can be pressed under a row."""
    made = (button(one, place, item.text) for place, one in enumerate(item.buttons, BELOW))
    return [one for one in made if one is not None]


def _within(name: str, text: Text, room: int | None = None) -> Iterator[Part]:
    """The parts, cleaned, none empty; as words alone when they are too many or too long."""
    parts = [cleaned(part) if isinstance(part, str) else part for part in text]
    told = cleaned(words(text))
    most = LIMITS[name] if room is None else min(room, LIMITS[name])
    if len(parts) > PARTS or measured(told) > most or not told.strip():
        yield cut(name, told, room)
        return
    for is_words, run in groupby(parts, key=lambda part: isinstance(part, str) or part.at.timestamp() < 1):
        if is_words:
            yield from filter(None, ["".join(part if isinstance(part, str) else _spoken(part) for part in run)])
        else:
            yield from run


def _seconds(moment: Moment) -> int:
    return int(moment.at.timestamp())


def _format(moment: Moment) -> str:
    return AGO if moment.relative else AT


def _spoken(moment: Moment) -> str:
    return cut("moment", one_line(moment.spoken))
