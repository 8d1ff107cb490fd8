"""Show: one inquiry in full, with all that happened to it."""

from bot.call import Call
from bot.cards.article_list_card import with_best_article
from bot.cards.details_card import details_card
from bot.cards.inquiry_card import RECENT_DAYS
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.knowing import fitting_articles


async def show(call: Call) -> Answer:
    """What the customer wrote, the files, the timeline, and the article that fits best."""
    inquiry = await call.inquiry()
    letters = await call.tx.inquiries.letters(inquiry.number)
    timeline = await call.tx.inquiries.timeline(inquiry.number)
    nth = await call.tx.histories.nth(inquiry, RECENT_DAYS)
    card = details_card(inquiry, [one.message for one in letters if not one.outgoing], timeline, call.say, nth)
    return with_best_article(card, await fitting_articles(call, inquiry, 1), inquiry.number, call.say)


COMMAND = Command("show", show, (Option("inquiry", Kind.INQUIRY, required=True),), changes=False)
