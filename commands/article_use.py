"""Use an article: its words in a box, ready to copy, and counted."""

from bot.call import Call
from bot.cards.article_card import used_card
from bot.cards.article_list_card import which_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.knowing import meant


async def article_use(call: Call) -> Answer:
    """The approved words."""
    number = (await call.inquiry()).number if call.text("inquiry") else None
    found = await meant(call)
    if len(found) > 1:
        return which_card(found, "article_use", call.say)
    one = found[0]
    if one.retired:
        raise Refusal("article.is_retired")
    if one.shown is None:
        raise Refusal("article.is_draft")
    await call.tx.articles.used(one.id, call.act.at)
    return used_card(one, one.shown, number, call.say)


COMMAND = Command(
    "article_use",
    article_use,
    (Option("article", Kind.TEXT, required=True), Option("inquiry", Kind.INQUIRY, named=True)),
)
