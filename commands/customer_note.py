"""Note: something about a customer that the whole team should know."""

from bot.call import Call
from bot.cards.customer_card import called
from bot.cards.word import word
from bot.chat.card import Button
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import cleaned
from bot.seeking import by_id, one_person

NOTE_LENGTH = 2000


async def customer_note(call: Call) -> Answer:
    """Keep a note about somebody, with who wrote it and when."""
    person = await one_person(call)
    await call.tx.customers.note(person.id, cleaned(call.text("note"))[:NOTE_LENGTH], call.act)
    look = Button(call.say("button.customer"), pressing("customer", customer=by_id(person.id)))
    return word(call.say("customer.noted", customer=called(person, call.say, call.region)), buttons=(look,))


COMMAND = Command(
    "customer_note",
    customer_note,
    (
        Option("note", Kind.TEXT, required=True),
        Option("customer", Kind.CUSTOMER, named=True),
        Option("inquiry", Kind.INQUIRY, named=True),
    ),
)
