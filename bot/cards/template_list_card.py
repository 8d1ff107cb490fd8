"""Lists of templates: those that were found, a page at a time, and the variants of one name."""

from collections.abc import Sequence

from bot.cards.template_card import by_id, where
from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call, pressable
from bot.chat.text import one_line, shorten
from bot.domain.template import Template
from bot.translator import Speaker

PAGE = 8
"""Templates a page: each is a row with a button, and Discord's cards hold forty parts."""
WORDS_LENGTH = 60


def template_list_card(found: Sequence[Template], words: str, page: int, inquiry: int | None, say: Speaker) -> Card:
    """One page of the templates that were found by these words, or of all; filled in for an inquiry when pressed."""
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * PAGE : page * PAGE]
    title = _title(len(found), words, say)
    hint = say("template.how_to_find") if found else say("template.how_to_add")
    add = Button(say("button.template_add"), call("template_add"))
    footer = (say("queue.page", page=page, pages=pages),) if pages > 1 else ()
    return Card(
        title=title,
        tone=Tone.OPEN if found else Tone.QUIET,
        lines=() if words and found else ((hint,),),
        items=tuple(_item(one, inquiry, say) for one in shown),
        buttons=(*_turns(words, page, pages, inquiry, say), add),
        footer=footer,
        summary=title,
    )


def variants_card(variants: Sequence[Template], verb: str, say: Speaker) -> Card:
    """The variants of a name, each with a button that does what was asked with it."""
    title = say("template.which", name=variants[0].name)
    items = tuple(
        Item(
            (one.title,),
            (f"{where(one, say)} · {say('template.retired')}" if one.retired else where(one, say),),
            Button(say(f"button.{verb}"), call(verb, None, one.version, template=by_id(one))),
        )
        for one in variants[: 2 * PAGE]
    )
    return Card(title=title, tone=Tone.OPEN, items=items, summary=title)


def _title(count: int, words: str, say: Speaker) -> str:
    if not count:
        return say("template.empty")
    if not words:
        return say("template.list", count=count)
    return say("template.found", count=count, words=shorten(one_line(words), WORDS_LENGTH))


def _item(one: Template, inquiry: int | None, say: Speaker) -> Item:
    detail = f"{one.name} · {where(one, say)} · {say('template.used', count=one.uses)}"
    button = Button(say("template.show"), call("template", inquiry, template=by_id(one)), Style.NORMAL)
    return Item((one.title,), (detail,), button)


def _turns(words: str, page: int, pages: int, inquiry: int | None, say: Speaker) -> tuple[Button, ...]:
    back = (Button(say("queue.back"), call("template", inquiry, template=words, page=str(page - 1))),)
    on = (Button(say("queue.on"), call("template", inquiry, template=words, page=str(page + 1))),)
    turns = (back if page > 1 else ()) + (on if page < pages else ())
    return tuple(one for one in turns if pressable(one.call))
