"""History: what a customer asked so far, over all queues, and what they were told."""

from bot.call import Call
from bot.cards.customer_card import people_card
from bot.cards.history_card import PAGE, history_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.customer import Person
from bot.ports import Contact
from bot.seeking import by_id, people

CALLS = 50
"""The newest calls with somebody, which are counted."""
LAST_PAGE = 1000
"""Nobody turns so far; a number typed beyond it shall not make the database read for long."""


async def history(call: Call) -> Answer:
    """One page of somebody's inquiries, the open ones first; where several may be meant, who they are."""
    person, *others = fitting = await people(call)
    if others:
        return people_card(fitting, "history", call.text("customer"), call.region, call.say)
    page = min(max(1, call.number("page", 1)), LAST_PAGE)
    contacts, total = await _page(call, person, page)
    if not contacts and total:
        page = -(-total // PAGE)
        contacts, total = await _page(call, person, page)
    told = [(one.inquiry, one.answer) for one in contacts]
    calls = [one for one in await call.tx.phone.of_person(person.id, CALLS) if one.length is not None]
    return history_card(person, told, total, page, by_id(person.id), call.say, call.region, calls)


async def _page(call: Call, person: Person, page: int) -> tuple[list[Contact], int]:
    return await call.tx.histories.contacts(person.id, (page - 1) * PAGE, PAGE)


COMMAND = Command(
    "history",
    history,
    (
        Option("customer", Kind.CUSTOMER),
        Option("inquiry", Kind.INQUIRY, named=True),
        Option("page", Kind.NUMBER, named=True),
    ),
    changes=False,
)
