"""Reopen: open a resolved inquiry again."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer


async def reopen(call: Call) -> Answer:
    """Open it again for whoever resolved it."""
    inquiry = await call.inquiry()
    await call.tx.inquiries.save(inquiry.reopen(call.act))
    return word(call.say("reopen.done", inquiry=inquiry.number), Tone.OPEN)


COMMAND = Command("reopen", reopen, (Option("inquiry", Kind.INQUIRY, required=True),))
