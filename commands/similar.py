"""Similar: what the team answered before to questions like this one."""

from bot.call import Call
from bot.cards.article_list_card import with_articles
from bot.cards.similar_card import OFFERED, none_card, similar_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.knowing import fitting_articles

ARTICLES = 3
"""So many are offered beside a past answer."""


async def similar(call: Call) -> Answer:
    """The past answer at that place, the most similar first, and the articles that fit."""
    inquiry = await call.inquiry()
    found = await call.tx.search.similar(inquiry.number, OFFERED)
    articles = await fitting_articles(call, inquiry, ARTICLES)
    if not found:
        return with_articles(none_card(inquiry.number, call.say), articles, inquiry.number, call.say)
    place = min(max(1, call.number("place", 1)), len(found))
    shown = found[place - 1]
    past = await call.tx.inquiries.all_of([shown.number])
    card = similar_card(inquiry.number, shown, past[shown.number], place, len(found), False, call.say)
    return with_articles(card, articles, inquiry.number, call.say)


COMMAND = Command(
    "similar",
    similar,
    (Option("inquiry", Kind.INQUIRY, required=True), Option("place", Kind.NUMBER, named=True)),
    changes=False,
)
