"""What was found: a row each, with the words in their sentence, and the button that leads on; a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.chat.card import Button, Card, Item, Tone
from bot.chat.invocation import call, pressable
from bot.chat.text import Part, Text, one_line, shorten
from bot.domain.snippet import snippet
from bot.translator import Speaker

PAGE = 6
"""Rows a page: each with its sentence takes three lines."""
SNIPPET_LENGTH = 110
TITLE_LENGTH = 100
NAME_LENGTH = 40
WORDS_LENGTH = 60
"""Characters of a row's parts, and of the words in a title."""
LABELS = {"template": "find.template", "article": "find.template", "note": "find.customer"}
"""What the buttons of rows are called, by kind, where that is not Details."""


@dataclass(frozen=True, slots=True)
class Row:
    """Something found. `by`: whose it is; `status` is an inquiry's; `call` leads on, if anything does."""

    kind: str
    title: str
    text: str
    at: datetime
    by: str = ""
    status: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was looked for: words, and filters by option, as they can be typed again."""

    words: str
    filters: Mapping[str, str]

    def call(self, page: int = 1) -> str:
        """The button for a page of it; empty when no platform's button could carry it."""
        made = call("find", None, None, words=self.words, **self.filters, page=str(page) if page > 1 else "")
        return made if pressable(made) else ""


def find_card(asked: Asked, rows: Sequence[Row], total: int, is_more: bool, page: int, say: Speaker) -> Card:
    """A page of what was found, the best first. `total` is the number counted; `is_more`: there are others."""
    words = shorten(one_line(asked.words), WORDS_LENGTH)
    title = say("find.many", number=total, words=words) if is_more else say("find.title", count=total, words=words)
    pages = -(-total // PAGE)
    turns = _turns(asked, page, pages, say)
    footer = say("queue.page", page=page, pages=f"{pages}+" if is_more else str(pages)) if pages > 1 else ""
    if turns is None:
        footer += " · " + say("find.by_hand", page=page + 1)
    return Card(
        title=title,
        tone=Tone.OPEN,
        lines=_filters(asked, say),
        items=tuple(_item(row, asked.words, say) for row in rows),
        buttons=turns or (),
        footer=(footer,) if footer else (),
        summary=title,
    )


def nothing_card(asked: Asked, say: Speaker) -> Card:
    """That there is nothing, and what may help."""
    title = say("find.none", words=shorten(one_line(asked.words), WORDS_LENGTH))
    whole = Asked(asked.words, {}).call() if asked.filters else ""
    step = "find.unfilter" if asked.filters else "find.fewer" if len(asked.words.split()) > 1 else "find.other"
    button = (Button(say("find.everywhere"), whole),) if whole else ()
    return Card(title=title, lines=(*_filters(asked, say), (say(step),)), buttons=button, summary=title)


def _item(row: Row, words: str, say: Speaker) -> Item:
    marks = (say("find.mark_from"), say("find.mark_to"))
    title = snippet(row.title, words, TITLE_LENGTH, marks)
    parts: list[Part] = [snippet(row.text, words, SNIPPET_LENGTH, marks)] if row.text.strip() else []
    if row.by.strip():
        parts.append(shorten(one_line(row.by), NAME_LENGTH))
    if row.status:
        parts.append(say(f"status.{row.status}"))
    parts.append(say.at(row.at))
    button = Button(say(LABELS.get(row.kind, "button.show")), row.call) if row.call else None
    return Item((say("find.row", kind=say(f"choice.{row.kind}"), title=title),), _dotted(parts), button)


def _dotted(parts: Sequence[Part]) -> Text:
    return tuple(one for part in parts for one in (" · ", part))[1:]


def _filters(asked: Asked, say: Speaker) -> tuple[Text, ...]:
    """By what the answer is narrowed down."""
    told = []
    for name, value in asked.filters.items():
        shown = say(f"choice.{value}") if name in ("status", "kind") else shorten(one_line(value), NAME_LENGTH)
        told.append(say("find.filter", name=say(f"option.{name}"), value=shown))
    return ((" · ".join(told),),) if told else ()


def _turns(asked: Asked, page: int, pages: int, say: Speaker) -> tuple[Button, ...] | None:
    """The buttons for the pages around; None when there is a next one, and no button can carry it."""
    calls = {"find.back": asked.call(page - 1) if page > 1 else None, "find.on": asked.call(page + 1)}
    if page >= pages:
        del calls["find.on"]
    if calls.get("find.on") == "":
        return None
    return tuple(Button(say(key), made) for key, made in calls.items() if made)
