"""Answered: the customer has their answer, by phone, say, where nobody sees a message of it."""

from bot.call import Call
from bot.chat.card import Button, Card, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line
from bot.domain.care import answered as done
from bot.domain.inquiry import Status

HOW_LENGTH = 200
"""Characters: it is one line in the thread."""


async def answered(call: Call) -> Answer:
    """Mark it as answered, with how; from now on it is the customer's turn."""
    inquiry = await call.inquiry()
    letters = await call.tx.inquiries.letters(inquiry.number)
    spoken_at = max((one.at for one in letters if not one.outgoing), default=inquiry.opened_at)
    change = done(inquiry, one_line(call.text("how"))[:HOW_LENGTH], spoken_at, call.act, call.seen)
    await call.tx.inquiries.save(change)
    is_their_turn = change.after.status is Status.WAITING_ON_CUSTOMER
    text = call.say("answered.done", inquiry=inquiry.number)
    return Card(
        title=text,
        tone=Tone.WAITING,
        lines=((call.say("answered.follows" if is_their_turn else "answered.late"),),),
        buttons=(
            Button(call.say("button.resolve"), pressing("resolve", inquiry.number, change.after.version)),
            Button(call.say("button.wait"), pressing("wait", inquiry.number, change.after.version)),
        ),
        summary=text,
    )


COMMAND = Command(
    "answered",
    answered,
    (Option("inquiry", Kind.INQUIRY, required=True), Option("how", Kind.TEXT, asked=True, is_line=True)),
)
