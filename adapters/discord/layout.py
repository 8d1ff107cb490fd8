"""A card as components: what it is about first, then what was written, then what can be done."""

from collections.abc import Sequence
from typing import Any

from discord.ui import Button, Item, Section, Separator, TextDisplay

from adapters.discord.elements import button, flat, link, marked, menus, rows
from adapters.discord.limits import (
    BUTTONS,
    LIMITS,
    QUOTE,
    QUOTE_BESIDE_COPY,
    ROW,
    ROW_IDS,
    SPARE,
    Items,
    Room,
    characters,
    cut,
    fitted,
    joined,
    measured,
    more,
    shortened,
)
from adapters.discord.text import fenced, quoted, unfenced
from bot.chat import card
from bot.chat.bars import bar_lines
from bot.chat.card import Card, Tone
from bot.chat.text import cleaned, one_line

COLOURS = {
    Tone.NEW: 0x5865F2,
    Tone.OPEN: 0x3BA55D,
    Tone.WAITING: 0xF0B232,
    Tone.DONE: 0x949BA4,
    Tone.ALERT: 0xED4245,
    Tone.QUIET: None,
}
"""A tone's colour at the edge of its card, always beside words."""
MARKS = {
    Tone.NEW: "🔵",
    Tone.OPEN: "🟢",
    Tone.WAITING: "🟡",
    Tone.DONE: "✅",
    Tone.ALERT: "🔴",
    Tone.QUIET: "⚪",
}
"""The same beside a badge."""
TITLE = "### "
TITLE_OVER_HEADINGS = "## "
HEADING = "### "
SMALL = "-# "
SENTENCES = (".", "!", "?", "。", "！", "？")


def card_items(shown: Card, link_base: str, mark: str, room: Room) -> Items:
    """The card in at most that room. Rows, buttons, lines and fields that do not fit are counted, never just missing.

    `link_base` is where the paths of links lead; without it, rows have no links.
    """
    above = [*_top(shown), *_facts(shown)]
    below = [*_parted(shown), *_buttons(shown.buttons, mark), *_footer(shown)]
    others = QUOTE_BESIDE_COPY if shown.quote or shown.items else 0
    chart = _chart(shown)
    copy = _copy(shown, room.less([*above, *chart, *below]).characters - others)
    room = room.less([*above, *copy, *chart, *below])

    def build(kept: Sequence[card.Item], left_out: int) -> Items:
        whole = _rows(kept, left_out, link_base, mark)
        return whole if room.holds([*quote, *whole]) else _short_rows(kept, left_out, link_base, mark)

    quote: Items = []
    quote = _quote(shown, max(room.characters - characters(build(shown.items, 0)), min(QUOTE, room.characters - SPARE)))
    return [*above, *quote, *copy, *chart, *fitted(shown.items, build, room.less(quote)), *below]


def is_word(shown: Card) -> bool:
    """True for a card that says one thing, perhaps with something to press."""
    said = (shown.badge, shown.lines, shown.fields, shown.quote, shown.copy, shown.chart, shown.items, shown.footer)
    return not any(said)


def _top(shown: Card) -> Items:
    """A heading for names, which are short; sentences in bold, since headings shout; a word as it is."""
    if is_word(shown):
        return [TextDisplay(marked("sentence", (shown.title,)))]
    title = flat("title", (shown.title,))
    size = TITLE_OVER_HEADINGS if any(item.heading for item in shown.items) else TITLE
    told = f"**{title}**" if one_line(shown.title).endswith(SENTENCES) else f"{size}{title}"
    badge = f"\n{SMALL}{MARKS[shown.tone]} {flat('badge', (shown.badge,))}" if shown.badge.strip() else ""
    return [TextDisplay(told + badge)]


def _facts(shown: Card) -> Items:
    lines = [marked("line", line) for line in shown.lines]
    fields = [f"**{flat('label', (one.label,))}:** {marked('value', one.value)}" for one in shown.fields]
    texts = [joined(lines, LIMITS["lines"]), joined(fields, LIMITS["fields"])]
    return [TextDisplay(text) for text in texts if text]


def _quote(shown: Card, limit: int) -> Items:
    return [TextDisplay(shortened(shown.quote.strip(), limit, quoted))] if one_line(shown.quote) else []


def _copy(shown: Card, limit: int) -> Items:
    """A box, which Discord copies as it stands. What it cannot hold is counted below it: half a letter looks whole."""
    whole = cleaned(shown.copy).strip("\n")
    if not one_line(whole):
        return []
    if measured(fenced(whole)) <= limit:
        return [TextDisplay(fenced(whole))]
    text = shortened(whole, limit - SPARE, fenced)
    left_out = len(whole) - len(unfenced(text).removesuffix("…"))
    return [TextDisplay(text), TextDisplay(more(left_out))]


def _chart(shown: Card) -> Items:
    """Bars of letters in a box, where each letter is as wide as the others, under what they tell."""
    if shown.chart is None or not (lines := bar_lines(shown.chart, LIMITS["chart"] // 2)):
        return []
    box = cut("chart", "\n".join(lines), fenced)
    return [TextDisplay(f"**{flat('label', (shown.chart.title,))}**\n{box}")]


def _rows(items: Sequence[card.Item], left_out: int, link_base: str, mark: str) -> Items:
    """Rows with something to press as sections, those without gathered in texts, with the headings between them."""
    built: Items = []
    gathered: list[str] = []

    def gather() -> None:
        if gathered:
            built.append(TextDisplay("\n".join(gathered)))
            gathered.clear()

    for item in items:
        beside, under = _beside(item, link_base, mark), _under(item, mark)
        if item.heading:
            gather()
            built += [Separator()] if built else []
        if not (beside or under):
            gathered.append(_told(item))
            continue
        gather()
        told = TextDisplay[Any](_told(item))
        built.append(Section(told, accessory=beside[0]) if beside else told)
        built += rows([*beside[1:], *under], ROW, ROW_IDS + len(built))
    if left_out:
        gathered.append(more(left_out))
    gather()
    return built


def _short_rows(items: Sequence[card.Item], left_out: int, link_base: str, mark: str) -> Items:
    """The same with menus instead of the buttons."""
    plain = [card.Item(one.text, one.detail, None, one.link, one.heading) for one in items]
    return [*_rows(plain, left_out, link_base, mark), *menus(items, mark)]


def _told(item: card.Item) -> str:
    text = flat("row", item.text)
    if item.heading:
        return f"{HEADING}{text}"
    return f"{text}\n{SMALL}{flat('detail', item.detail)}" if item.detail else text


def _beside(item: card.Item, link_base: str, mark: str) -> list[Button[Any]]:
    """What can be pressed beside a row; only the first has room there."""
    pressed = button(item.button, mark, in_row=True) if item.button else None
    opened = link(item.link, link_base) if item.link else None
    return [one for one in (pressed, opened) if one is not None]


def _under(item: card.Item, mark: str) -> list[Button[Any]]:
    """What can be pressed under a row."""
    return [made for one in item.buttons if (made := button(one, mark, in_row=True))]


def _parted(shown: Card) -> Items:
    """A line between the buttons of the last row and the card's own."""
    return [Separator()] if shown.buttons and any(item.buttons for item in shown.items) else []


def _buttons(buttons: Sequence[card.Button], mark: str) -> Items:
    made = [made for one in buttons[:BUTTONS] if (made := button(one, mark))]
    left_out = len(buttons[BUTTONS:])
    told: list[Item[Any]] = [TextDisplay(more(left_out))] if left_out else []
    return [*rows(made, ROW), *told]


def _footer(shown: Card) -> Items:
    return [TextDisplay(f"{SMALL}{flat('footer', shown.footer)}")] if shown.footer else []
