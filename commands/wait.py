"""Wait: the customer, or somebody else, has to do something first; until then the clocks stand still."""

import unicodedata

from bot.appointments import appointed
from bot.call import Call
from bot.cards.inquiry_card import waited_for
from bot.chat.card import Button, Card, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line, shorten
from bot.domain.care import wait as resting
from bot.domain.errors import Refusal
from bot.domain.inquiry import Status

WHOM = {"customer": Status.WAITING_ON_CUSTOMER, "third_party": Status.WAITING_ON_THIRD_PARTY}
NAMES = {
    **dict.fromkeys(("client", "顧客", "お客様", "お客さま", "客"), "customer"),
    **dict.fromkeys(("third", "other", "others", "somebody_else", "外部", "第三者", "他社", "社外"), "third_party"),
}
"""What people type for either."""
NOTE_LENGTH = 100
"""Characters: it stands on the card."""


async def wait(call: Call) -> Answer:
    """Say for whom one waits and until when. It goes on by itself then, or once the customer writes."""
    inquiry = await call.inquiry()
    whom = _whom(call.text("whom"))
    until = await appointed(call, "until", inquiry)
    note = one_line(call.text("note"))[:NOTE_LENGTH]
    change = resting(inquiry, WHOM[whom], until, note, call.act, call.seen)
    await call.tx.inquiries.save(change)
    text = call.say("wait.done", inquiry=inquiry.number, whom=waited_for(WHOM[whom], note, call.say))
    key = "wait.until_customer" if whom == "customer" else "wait.until_third_party"
    return Card(
        title=text,
        tone=Tone.WAITING,
        lines=(call.say.text(key, until=call.say.at(until)),),
        buttons=(Button(call.say("button.resume"), pressing("resume", inquiry.number, change.after.version)),),
        summary=text,
    )


def _whom(given: str) -> str:
    plain = unicodedata.normalize("NFKC", given).strip().casefold().replace("-", "_").replace(" ", "_")
    whom = NAMES.get(plain, plain)
    if whom not in WHOM:
        raise Refusal("wait.whom", given=shorten(given, 40))
    return whom


COMMAND = Command(
    "wait",
    wait,
    (
        Option("inquiry", Kind.INQUIRY, required=True),
        Option("whom", Kind.CHOICE, required=True, choices=tuple(WHOM)),
        Option("until", Kind.TEXT, required=True, is_line=True),
        Option("note", Kind.TEXT, asked=True, named=True, is_line=True),
    ),
)
