"""Prepared advice: what is said by itself to whoever is on a call of a certain kind, and how often that helped."""

from bot.call import Call
from bot.cards.prepared_card import PAGE, prepared_list_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.prepared_rules import meant, shown


async def prepared(call: Call) -> Answer:
    """All of it, a page at a time; or the one that is named."""
    rules = [await meant(call)] if call.text("rule") else await call.tx.prepared.all()
    pages = max(1, -(-len(rules) // PAGE))
    page = min(max(call.number("page", 1), 1), pages)
    found = await shown(call, rules[(page - 1) * PAGE : page * PAGE])
    return prepared_list_card(found, page, pages, len(rules), call.say)


COMMAND = Command(
    "prepared",
    prepared,
    (Option("rule", Kind.TEXT), Option("page", Kind.NUMBER, named=True)),
    role=Role.SUPERVISOR,
    changes=False,
)
