"""Customer: who somebody is, by what they are known, what was noted, and who may be the same."""

from bot.call import Call
from bot.cards.customer_card import Maybe, customer_card, people_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.seeking import people

SUGGESTED = 3


async def customer(call: Call) -> Answer:
    """One customer whole; where several may be meant, who they are."""
    person, *others = fitting = await people(call)
    if others:
        return people_card(fitting, "customer", call.text("customer"), call.region, call.say)
    _, contacts = await call.tx.histories.contacts(person.id, 0, 1)
    suggestions = await call.tx.customers.suggestions(person.id, call.region, SUGGESTED)
    maybe = []
    for one in suggestions:
        other = await call.tx.customers.person(one.person)
        identities = other.identities if other else ()
        maybe.append(Maybe(one.person, one.name, one.by if one.why == "phone" else "", identities))
    return customer_card(person, contacts, maybe, call.region, call.say)


COMMAND = Command(
    "customer",
    customer,
    (Option("customer", Kind.CUSTOMER), Option("inquiry", Kind.INQUIRY, named=True)),
    changes=False,
)
