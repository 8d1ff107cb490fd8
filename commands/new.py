"""New: open an inquiry by hand, for what came by phone or stands in a chat."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Button, Style, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import shorten
from bot.domain.message import Message
from bot.seeking import named_address

TEXT_LENGTH = 20_000
SUBJECT_LENGTH = 100
"""Characters: the subject is the first line of what was said."""


async def new(call: Call) -> Answer:
    """Open an inquiry in a queue, with the customer as they were named: an address, a name, or both."""
    text = call.text("text")[:TEXT_LENGTH]
    name, address = named_address(call.text("customer"), call.region)
    message = Message(
        subject=shorten(" ".join(text.splitlines()[0].split()), SUBJECT_LENGTH),
        from_address=address,
        from_name=name,
        text=text,
        reply_text=text,
    )
    opened = await call.tx.inquiries.record(await call.queue_here(), message, call.act)

    def button(verb: str, style: Style) -> Button:
        return Button(call.say(f"button.{verb}"), pressing(verb, opened.number, opened.version), style)

    buttons = (button("claim", Style.PRIMARY), button("show", Style.NORMAL))
    return word(call.say("new.done", inquiry=opened.number, queue=opened.queue), Tone.NEW, buttons)


COMMAND = Command(
    "new",
    new,
    (
        Option("customer", Kind.WORD, required=True),
        Option("text", Kind.TEXT, required=True),
        Option("queue", Kind.QUEUE, named=True),
    ),
)
