"""Claim: take an inquiry, so that everybody sees who has it."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer


async def claim(call: Call) -> Answer:
    """Make the asker the holder of an unclaimed inquiry."""
    inquiry = await call.inquiry()
    await call.tx.inquiries.save(inquiry.claim(call.act))
    return word(call.say("claim.done", inquiry=inquiry.number), Tone.OPEN)


COMMAND = Command("claim", claim, (Option("inquiry", Kind.INQUIRY, required=True),))
