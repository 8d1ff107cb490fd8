"""Release: give an inquiry back to the team."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer


async def release(call: Call) -> Answer:
    """Take an inquiry from its holder, so that anybody may claim it."""
    inquiry = await call.inquiry()
    await call.tx.inquiries.save(inquiry.release(call.act, call.seen))
    return word(call.say("release.done", inquiry=inquiry.number))


COMMAND = Command("release", release, (Option("inquiry", Kind.INQUIRY, required=True),))
