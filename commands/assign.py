"""Assign: hand an inquiry to somebody of the team."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer


async def assign(call: Call) -> Answer:
    """Make another person the holder; what somebody else holds, only supervisors may assign."""
    inquiry = await call.inquiry()
    person = await call.person("person")
    change = inquiry.assign(person, call.act, call.seen)
    await call.tx.inquiries.save(change)
    return word(call.say("assign.done", inquiry=inquiry.number, person=person.name), Tone.OPEN)


COMMAND = Command(
    "assign",
    assign,
    (Option("inquiry", Kind.INQUIRY, required=True), Option("person", Kind.PERSON, required=True)),
)
