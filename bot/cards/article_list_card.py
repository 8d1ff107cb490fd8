"""Lists of articles, a page at a time: what waits for approval first, or what some words found."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.cards.article_card import by_id, kind_and_language
from bot.chat.card import Button, Card, Item, Tone
from bot.chat.invocation import call, pressable
from bot.chat.text import one_line, shorten
from bot.domain.article import Article
from bot.translator import Speaker

PAGE = 8
"""Articles a page: each is a row with a button, and Discord's cards hold forty parts."""
WORDS_LENGTH = 60
MOST_WAITING = 50
"""Articles that wait for approval up to which they are counted."""
OFFERED_LENGTH = 120
"""Characters of the words of one that is offered."""


class Fitting(Protocol):
    """An article that fits: its id, question and words."""

    @property
    def ref(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


def article_list_card(
    shown: Sequence[Article], total: int, words: str, page: int, inquiry: int | None, say: Speaker
) -> Card:
    """One page of all articles that the reader may see, or of those that the words found."""
    pages = max(1, -(-total // PAGE))
    title = _title(total, words, say)
    hint = say("article.how_to_find" if shown else "article.how_to_add")
    footer = (say("queue.page", page=page, pages=pages),) if pages > 1 else ()
    return Card(
        title=title,
        tone=Tone.OPEN if shown else Tone.QUIET,
        lines=() if words and shown else ((hint,),),
        items=tuple(_item(one, "article", inquiry, say) for one in shown),
        buttons=(*_turns(words, page, pages, inquiry, say), Button(say("button.article_add"), call("article_add"))),
        footer=footer,
        summary=title,
    )


def which_card(found: Sequence[Article], verb: str, say: Speaker) -> Card:
    """Those that may be meant, each with a button that does what was asked with it."""
    title = say("article.which")
    items = tuple(_item(one, verb, None, say) for one in found[: 2 * PAGE])
    return Card(title=title, tone=Tone.OPEN, items=items, summary=title)


def with_articles(card: Card, articles: Sequence[Fitting], inquiry: int, say: Speaker) -> Card:
    """The card with the articles that fit its inquiry below, each one press away."""
    heading = Item((say("article.suggested"),), heading=True)
    rows = tuple(_offered(one, inquiry, say) for one in articles)
    return replace(card, items=(*card.items, heading, *rows)) if rows else card


def with_best_article(card: Card, articles: Sequence[Fitting], inquiry: int, say: Speaker) -> Card:
    """The card with the best of the articles above its other rows."""
    rows = tuple(_offered(one, inquiry, say) for one in articles[:1])
    return replace(card, items=(*rows, *card.items))


def with_waiting(card: Card, count: int, say: Speaker) -> Card:
    """The card with a row that says how many articles wait for its reader's approval, up to MOST_WAITING."""
    if not count:
        return card
    told = say("article.waiting", count=count)
    return replace(card, items=(*card.items, Item((told,), button=Button(say("template.show"), call("article")))))


def _offered(one: Fitting, inquiry: int, say: Speaker) -> Item:
    use = Button(say("button.article_use"), call("article_use", inquiry, article=by_id(one.ref)))
    words = shorten(one_line(one.text), OFFERED_LENGTH)
    return Item((say("article.named", question=one.title),), (words,), use)


def _title(count: int, words: str, say: Speaker) -> str:
    if not count:
        return say("article.empty")
    if not words:
        return say("article.list", count=count)
    return say("article.found", count=count, words=shorten(one_line(words), WORDS_LENGTH))


def _item(one: Article, verb: str, inquiry: int | None, say: Speaker) -> Item:
    parts = [kind_and_language(one, say)]
    if one.is_pending:
        parts.insert(0, say("article.pending"))
    if one.approved:
        parts.append(say("template.used", count=one.uses))
    if one.owner:
        parts.append(one.owner.name)
    label = say("template.show") if verb == "article" else say(f"button.{verb}")
    pressed = call(verb, inquiry, None if verb == "article" else one.version, article=by_id(one))
    return Item((one.latest.question or say("article.no_question"),), (" · ".join(parts),), Button(label, pressed))


def _turns(words: str, page: int, pages: int, inquiry: int | None, say: Speaker) -> tuple[Button, ...]:
    back = (Button(say("queue.back"), call("article", inquiry, article=words, page=str(page - 1))),)
    on = (Button(say("queue.on"), call("article", inquiry, article=words, page=str(page + 1))),)
    turns = (back if page > 1 else ()) + (on if page < pages else ())
    return tuple(one for one in turns if pressable(one.call))
