"""Resolve: close an inquiry, with a note for whoever reads it later."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer

NOTE_LENGTH = 1000
"""Characters of a note: it is shown whole on the card."""


async def resolve(call: Call) -> Answer:
    """Close an inquiry that its presser has seen as it is."""
    inquiry = await call.inquiry()
    note = call.text("note")[:NOTE_LENGTH]
    await call.tx.inquiries.save(inquiry.resolve(note, call.act, call.seen))
    await call.tx.escalations.withdraw(inquiry.number)
    return word(call.say("resolve.done", inquiry=inquiry.number), Tone.DONE)


COMMAND = Command(
    "resolve",
    resolve,
    (Option("inquiry", Kind.INQUIRY, required=True), Option("note", Kind.TEXT, asked=True)),
)
