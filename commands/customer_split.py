"""Split: take a record that was joined to a customer out again, with all that came by it."""

from bot.call import Call
from bot.cards.customer_card import are_namesakes, called, known_by, split_card
from bot.cards.word import word
from bot.chat.card import Button, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.customer import Person
from bot.domain.errors import Refusal
from bot.seeking import by_id


async def customer_split(call: Call) -> Answer:
    """Show what goes and what stays; do it once somebody has seen that as it is now."""
    record = call.number("record", 0)
    person = await call.tx.customers.person(record) if record > 0 else None
    moved = person.splitting(record) if person else ()
    if person is None or not moved:
        raise Refusal("customer.not_joined", record=record)
    seen = f"{person.id}.{len(person.records)}.{len(moved)}"
    if call.text("sure") != seen:
        came_by = await call.tx.customers.came_by([one.id for one in moved])
        return split_card(person, record, came_by, seen, call.region, call.say)
    await call.tx.customers.split(record, call.act)
    rest, out = await call.tx.customers.person(person.id), await call.tx.customers.person(record)
    assert rest is not None
    assert out is not None
    other, customer = called(out, call.say, call.region), called(rest, call.say, call.region)
    is_namesake = are_namesakes(other, customer)
    looks = [
        Button(_label(one, name, is_namesake, call.region), pressing("customer", customer=by_id(one.id)))
        for one, name in ((out, other), (rest, customer))
    ]
    told = call.say("customer.split_namesake" if is_namesake else "customer.split_done", customer=customer, other=other)
    return word(told, Tone.DONE, tuple(looks))


def _label(person: Person, name: str, is_namesake: bool, region: str) -> str:
    """What a button calls somebody; two of one name by what they are known by."""
    return (known_by(person.identities[:1], region) if is_namesake else "") or name


COMMAND = Command("customer_split", customer_split, (Option("record", Kind.NUMBER, required=True),))
