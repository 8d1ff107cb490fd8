"""Caution: flag a customer whom the team should take care with, and say why; or take the flag away."""

from bot.call import Call
from bot.cards.customer_card import called
from bot.cards.word import word
from bot.chat.card import Button
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line, shorten
from bot.seeking import by_id, one_person

REASON_LENGTH = 300
NOTHING = ("none", "なし")


async def customer_caution(call: Call) -> Answer:
    """Flag somebody with a reason; "none" takes every flag of theirs away. Their open cards follow."""
    person = await one_person(call)
    reason = shorten(one_line(call.text("reason")), REASON_LENGTH)
    is_lifted = reason.casefold() in NOTHING
    await call.tx.customers.caution(person.id, "" if is_lifted else reason, call.act)
    look = Button(call.say("button.customer"), pressing("customer", customer=by_id(person.id)))
    told = call.say(
        "customer.lifted" if is_lifted else "customer.cautioned", customer=called(person, call.say, call.region)
    )
    return word(told, buttons=(look,))


COMMAND = Command(
    "customer_caution",
    customer_caution,
    (
        Option("reason", Kind.TEXT, required=True),
        Option("customer", Kind.CUSTOMER, named=True),
        Option("inquiry", Kind.INQUIRY, named=True),
    ),
)
