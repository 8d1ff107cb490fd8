"""Rate: say whether a past answer helps with an inquiry."""

from bot.call import Call
from bot.cards.similar_card import OFFERED, similar_card, thanks_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import shorten
from bot.domain.errors import Refusal

HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"
GIVEN_LENGTH = 100


async def rate(call: Call) -> Answer:
    """Keep the opinion, which replaces an earlier one of the same person, and show the next past answer."""
    inquiry, about = await call.inquiry(), await call.inquiry("about")
    verdict = call.text("verdict").casefold()
    if verdict not in (HELPFUL, NOT_HELPFUL):
        raise Refusal("rate.verdict", given=shorten(call.text("verdict"), GIVEN_LENGTH))
    if about.number == inquiry.number:
        raise Refusal("rate.itself", inquiry=inquiry.number)
    found = await call.tx.search.similar(inquiry.number, OFFERED)  # in the order in which its rater saw them
    await call.tx.search.rate(inquiry.number, about.number, call.agent.id, verdict == HELPFUL, call.act.at)
    places = [one.number for one in found]
    otherwise = places.index(about.number) + 1 if about.number in places else len(places)
    place = max(0, call.number("place", otherwise))
    if place >= len(found):
        return thanks_card(inquiry.number, call.say)
    shown = found[place]
    past = await call.tx.inquiries.all_of([shown.number])
    return similar_card(inquiry.number, shown, past[shown.number], place + 1, len(found), True, call.say)


COMMAND = Command(
    "rate",
    rate,
    (
        Option("inquiry", Kind.INQUIRY, required=True),
        Option("about", Kind.NUMBER, required=True),
        Option("verdict", Kind.CHOICE, required=True, choices=(HELPFUL, NOT_HELPFUL)),
        Option("place", Kind.NUMBER, named=True),
    ),
)
