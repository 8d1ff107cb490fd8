"""Resume: nobody is waited for any more, and the clocks run again."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.care import resume as going_on


async def resume(call: Call) -> Answer:
    """End the wait before its time."""
    inquiry = await call.inquiry()
    await call.tx.inquiries.save(going_on(inquiry, call.act))
    return word(call.say("resume.done", inquiry=inquiry.number), Tone.OPEN)


COMMAND = Command("resume", resume, (Option("inquiry", Kind.INQUIRY, required=True),))
