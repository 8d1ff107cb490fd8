"""New: open an inquiry by hand, for what came by phone or stands in a chat."""

import re
from email.utils import parseaddr

from bot.call import Call, Missing
from bot.cards.word import word
from bot.chat.card import Button, Style, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import shorten
from bot.domain.errors import Refusal
from bot.domain.identity import phone
from bot.domain.message import Message

TEXT_LENGTH = 20_000
NAME_LENGTH = 200
SUBJECT_LENGTH = 100
"""Characters: the subject is the first line of what was said."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_CALLED = re.compile(r"(?P<name>[^\d+＋<>]*[^\d+＋<>(（\s])[\s<(（]*(?P<number>[+＋(（]?\d[^<>]*?)[\s>)）]*")
"""A name with a phone number behind it, in brackets or not."""


async def new(call: Call) -> Answer:
    """Open an inquiry in a queue, with the customer as they were named: an address, a name, or both."""
    text = call.text("text")[:TEXT_LENGTH]
    name, address = _customer(call.text("customer"), call.region)
    message = Message(
        subject=shorten(" ".join(text.splitlines()[0].split()), SUBJECT_LENGTH),
        from_address=address,
        from_name=name,
        text=text,
        reply_text=text,
    )
    opened = await call.tx.inquiries.record(await _queue(call), message, call.act)

    def button(verb: str, style: Style) -> Button:
        return Button(call.say(f"button.{verb}"), pressing(verb, opened.number, opened.version), style)

    buttons = (button("claim", Style.PRIMARY), button("show", Style.NORMAL))
    return word(call.say("new.done", inquiry=opened.number, queue=opened.queue), Tone.NEW, buttons)


async def _queue(call: Call) -> str:
    """The queue that was named, else the one that shows here, else the only one. Raises Missing when it is unclear."""
    queues = await call.tx.queues.all()
    names = [queue.name for queue in queues]
    given = call.text("queue")
    if given and given not in names:
        raise Refusal("refused.no_queue", given=given, names=", ".join(names))
    here = [queue.name for queue in queues if call.place in queue.places]
    if given:
        return given
    if len(here) == 1:
        return here[0]
    if len(names) == 1:
        return names[0]
    if not names:
        raise Refusal("new.no_queues")
    raise Missing("queue")


def _customer(given: str, region: str) -> tuple[str, str]:
    """Name and address of "Aki Ito <ito@example.com>", of an address alone, or of a name alone.

    A phone number in any spelling is an address too, in E.164: "Aki Ito 090-1234-5678".
    """
    plain = shorten(" ".join(given.split()), NAME_LENGTH)
    name, address = parseaddr(plain)
    if _ADDRESS.fullmatch(address) and address in plain:
        return name, address
    if number := phone(plain, region):
        return "", number
    called = _CALLED.fullmatch(plain)
    number = phone(called["number"], region) if called else None
    return (called["name"].strip(), number) if called and number else (plain, "")


COMMAND = Command(
    "new",
    new,
    (
        Option("customer", Kind.WORD, required=True),
        Option("text", Kind.TEXT, required=True),
        Option("queue", Kind.QUEUE, named=True),
    ),
)
