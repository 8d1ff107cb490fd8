"""A card as blocks: what it is about first, then what was written, then what can be done."""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    RichTextBlock,
    RichTextElementParts,
    RichTextListElement,
    RichTextPreformattedElement,
    RichTextQuoteElement,
    RichTextSectionElement,
    SectionBlock,
)
from slack_sdk.models.blocks.block_elements import RichTextElement

from adapters.slack.elements import accessories, below, button, context, literal, rich, section
from adapters.slack.limits import BUTTONS, LIMITS, ROW, Room, cut, fitted, more, too_long
from adapters.slack.text import cleaned, one_line
from bot.chat.bars import bar_lines
from bot.chat.card import Button, Card, Field, Item, Tone
from bot.chat.text import Text, words

MARKS = {
    Tone.NEW: "🔵",
    Tone.OPEN: "🟢",
    Tone.WAITING: "🟡",
    Tone.DONE: "✅",
    Tone.ALERT: "🔴",
    Tone.QUIET: "⚪",
}
"""A tone's colour, always beside words."""
COLON = ": "
SENTENCES = (".", "!", "?", "。", "！", "？")

_LINES = Room(1, 1500)
"""Ours, as the next two: together with a quote they leave room for rows."""
_FIELDS = Room(1, 2000)
_BUTTONS = Room(2, 2000)
_AROUND = 400
"""Characters of the JSON around a quotation or a box."""

Blocks = list[dict[str, Any]]


def card_blocks(card: Card, link_base: str, room: Room) -> Blocks:
    """The card in at most that room. Rows, buttons, lines and fields that do not fit are counted, never just missing.

    `link_base` is where the paths of links lead; without it, rows have no links.
    """
    above = _dicts(_top(card))
    above += fitted(card.lines, _lines, _LINES)
    above += fitted(card.fields, _fields, _FIELDS)
    below = _dicts(_parted(card)) + fitted(card.buttons, _buttons, _BUTTONS) + _dicts(_footer(card))
    chart = _dicts(_chart(card))
    copy = _dicts(_copy(card, room.less(above + chart + below).characters - _AROUND))
    above += _dicts(_quote(card, room.less(above + copy + chart + below).characters - _AROUND)) + copy + chart
    rows = fitted(card.items, lambda kept, left: _rows(kept, left, link_base), room.less(above + below))
    return above + rows + below


def is_word(card: Card) -> bool:
    """True for a card that says one thing, perhaps with something to press."""
    said = (card.badge, card.lines, card.fields, card.quote, card.copy, card.chart, card.items, card.footer)
    return not any(said)


def _top(card: Card) -> list[Block]:
    title = card.title if card.badge or card.tone is Tone.QUIET else f"{MARKS[card.tone]} {card.title}"
    top: list[Block] = [_title(card, title)]
    if card.badge:
        top.append(ContextBlock(elements=[literal("badge", f"{MARKS[card.tone]} {one_line(card.badge)}")]))
    return top


def _title(card: Card, title: str) -> Block:
    """A header for names, which are short; sentences in bold, since headers shout; a word as it is."""
    if is_word(card):
        return SectionBlock(text=literal("sentence", title))
    if one_line(title).endswith(SENTENCES) or too_long("header", one_line(title)):
        return RichTextBlock(elements=[section(*rich("sentence", (one_line(title),), bold=True))])
    return HeaderBlock(text=literal("header", one_line(title)))


def _lines(lines: Sequence[Text], left_out: int) -> Blocks:
    return _paragraphs([section(*rich("line", line)) for line in lines], left_out)


def _fields(fields: Sequence[Field], left_out: int) -> Blocks:
    return _paragraphs([_field(one) for one in fields], left_out)


def _field(field: Field) -> RichTextSectionElement:
    label = rich("label", (one_line(field.label),), bold=True)
    return section(*label, RichTextElementParts.Text(text=COLON), *rich("value", field.value))


def _paragraphs(sections: Sequence[RichTextSectionElement], left_out: int) -> Blocks:
    told = [section(*rich("line", (more(left_out),)))] if left_out else []
    return _dicts([RichTextBlock(elements=[*sections, *told])]) if sections or told else []


def _quote(card: Card, room: int) -> list[Block]:
    if not card.quote.strip():
        return []
    return [RichTextBlock(elements=[RichTextQuoteElement(elements=rich("quote", (card.quote,), room=room))])]


def _copy(card: Card, room: int) -> list[Block]:
    """A box, which Slack copies as it stands. What it cannot hold is counted below it: half a letter looks whole."""
    if not card.copy.strip():
        return []
    whole = cleaned(card.copy)
    text = cut("copy", whole, room)
    parts: list[RichTextElement] = [RichTextPreformattedElement(elements=[RichTextElementParts.Text(text=text)])]
    if text != whole:
        parts.append(section(*rich("line", (more(len(whole) - len(text) + 1),))))
    return [RichTextBlock(elements=parts)]


def _chart(card: Card) -> list[Block]:
    """Bars of letters in a box, where each letter is as wide as the others, under what they tell."""
    if card.chart is None or not (lines := bar_lines(card.chart, LIMITS["chart"] // 2)):
        return []
    told = section(*rich("label", (one_line(card.chart.title),), bold=True))
    text = cut("chart", "\n".join(lines))
    box = RichTextPreformattedElement(elements=[RichTextElementParts.Text(text=text)])
    return [RichTextBlock(elements=[told, box])]


def _rows(items: Sequence[Item], left_out: int, link_base: str) -> Blocks:
    """Rows with something to press as sections, those without gathered in lists, headings between them."""
    blocks: list[Block] = []
    gathered: list[RichTextSectionElement] = []

    def gather() -> None:
        if gathered:
            blocks.append(RichTextBlock(elements=[RichTextListElement(style="bullet", elements=list(gathered))]))
            gathered.clear()

    for item in items:
        beside, under = accessories(item, link_base), below(item)
        if not (beside or under or item.heading):
            gathered.append(_told(item))
            continue
        gather()
        if item.heading:
            blocks += [DividerBlock()] if blocks else []
            blocks.append(RichTextBlock(elements=[_told(item)]))
        else:
            blocks += _pressed(item, beside, under)
    gather()
    return _dicts(blocks) + _paragraphs([], left_out)


def _told(item: Item) -> RichTextSectionElement:
    if not item.detail:
        return section(*rich("row", item.text, bold=item.heading or bool(item.buttons)))
    newline = RichTextElementParts.Text(text="\n")
    return section(*rich("row", item.text, bold=True), newline, *rich("detail", item.detail))


def _pressed(item: Item, beside: Sequence[ButtonElement], under: Sequence[ButtonElement]) -> list[Block]:
    """A row beside its button: one text, since a block of its own for the detail would stand nearer to the next row.

    With nothing beside it, it is rich text, whose moments keep running.
    """
    if not beside:
        return [RichTextBlock(elements=[_told(item)]), *_in_rows(under)]
    told = cut("row", one_line(words(item.text)))
    if item.detail:
        told += "\n" + cut("detail", one_line(words(item.detail)))
    return [SectionBlock(text=literal("section", told), accessory=beside[0]), *_in_rows([*beside[1:], *under])]


def _in_rows(pressed: Sequence[ButtonElement]) -> list[Block]:
    return [ActionsBlock(elements=pressed[start : start + ROW]) for start in range(0, len(pressed), ROW)]


def _parted(card: Card) -> list[Block]:
    """A line between the buttons of the last row and the card's own."""
    return [DividerBlock()] if card.buttons and any(item.buttons for item in card.items) else []


def _buttons(buttons: Sequence[Button], left_out: int) -> Blocks:
    made = [made for place, one in enumerate(buttons[:BUTTONS]) if (made := button(one, place))]
    left_out += len(buttons[BUTTONS:])
    return _dicts([ActionsBlock(elements=made)] if made else []) + _paragraphs([], left_out)


def _footer(card: Card) -> list[Block]:
    return [ContextBlock(elements=context("footer", card.footer))] if card.footer else []


def _dicts(blocks: Sequence[Block]) -> Blocks:
    return [block.to_dict() for block in blocks]
