"""Merge: say that two customers are one person. It is asked first, and can be taken back."""

from bot.call import Call
from bot.cards.customer_card import are_namesakes, called, merge_card
from bot.cards.word import word
from bot.chat.card import Button, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.customer import Person
from bot.domain.errors import Refusal
from bot.seeking import by_id, one_person


async def customer_merge(call: Call) -> Answer:
    """Show both; join `other` to `customer` once somebody has seen them as they are now."""
    kept, gone = await one_person(call), await one_person(call, "other")
    if kept.id == gone.id:
        raise Refusal("customer.same", customer=called(kept, call.say, call.region))
    seen = _as_seen(kept, gone)
    if call.text("sure") != seen:
        contacts = (await _contacts(call, kept), await _contacts(call, gone))
        return merge_card(kept, gone, contacts, seen, call.region, call.say)
    await call.tx.customers.merge(gone.id, kept.id, call.act)
    other, customer = called(gone, call.say, call.region), called(kept, call.say, call.region)
    is_namesake = are_namesakes(other, customer)
    told = call.say("customer.merged_namesake" if is_namesake else "customer.merged", other=other, customer=customer)
    look = Button(call.say("button.customer"), pressing("customer", customer=by_id(kept.id)))
    return word(told, Tone.DONE, (look,))


def _as_seen(kept: Person, gone: Person) -> str:
    """What the button carries: a press means the customers that its presser saw, not what became of them since."""
    return f"{kept.id}.{len(kept.records)}.{gone.id}.{len(gone.records)}"


async def _contacts(call: Call, person: Person) -> int:
    _, total = await call.tx.histories.contacts(person.id, 0, 1)
    return total


COMMAND = Command(
    "customer_merge",
    customer_merge,
    (
        Option("other", Kind.CUSTOMER, required=True),
        Option("customer", Kind.CUSTOMER),
        Option("inquiry", Kind.INQUIRY, named=True),
    ),
)
