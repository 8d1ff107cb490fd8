"""Keep: its holder is at it, though nothing shows; nobody asks for a while."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.care import keep as stay


async def keep(call: Call) -> Answer:
    """Answer the question whether somebody is still at it."""
    inquiry = await call.inquiry()
    await call.tx.inquiries.save(stay(inquiry, call.act))
    return word(call.say("keep.done", inquiry=inquiry.number), Tone.OPEN)


COMMAND = Command("keep", keep, (Option("inquiry", Kind.INQUIRY, required=True),))
