"""Customer: who somebody is, by what they are known, what was noted, and who may be the same."""

from bot.call import Call
from bot.cards.customer_card import Maybe, customer_card, people_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.seeking import one_person, sought

SUGGESTED = 3


async def customer(call: Call) -> Answer:
    """One customer whole; where several may be meant, who they are."""
    given = call.text("customer")
    found = await sought(call.tx, given, call.region) if given else []
    people = [person for one in found if (person := await call.tx.customers.person(one))]
    if len(people) > 1:
        return people_card(people, given, call.region, call.say)
    person = people[0] if people else await one_person(call)
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
