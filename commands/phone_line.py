"""Whose telephone it is: by what extension, number or address a telephone system knows people."""

import unicodedata

from bot.call import Call
from bot.cards.line_card import lines_card, spoken_lines
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import shorten
from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal
from bot.domain.identity import phone

OFF = ("off", "none", "なし", "解除")
LENGTH = 120
"""Characters of an address."""


async def phone_line(call: Call) -> Answer:
    """List somebody's telephones, give them one, or take it away ("off": all of theirs)."""
    whose = await _whose(call)
    given = "".join(unicodedata.normalize("NFKC", call.text("address")).split()).lower()
    theirs = await call.tx.phone.extensions(whose.id)
    if not given:
        return lines_card(whose, theirs, whose.id == call.agent.id, call.region, call.say)
    if given in OFF:
        return await _taken(call, whose, theirs)
    if len(given) > LENGTH or not any(one.isalnum() for one in given):
        raise Refusal("phone.line_unknown", given=shorten(given, LENGTH))
    address = phone(given, call.region) or given
    if call.text("off") in OFF:
        return await _taken(call, whose, [one for one in theirs if one == address])
    if not whose.may(Role.AGENT):
        raise Refusal("phone.line_stranger", person=whose.name)
    before = await call.tx.phone.agent_at(address)
    if before and before.id != whose.id and not call.agent.may(Role.SUPERVISOR):
        raise Refusal("phone.line_taken", line=spoken_lines([address], call.region), person=before.name)
    await call.tx.phone.give_extension(address, whose.id)
    return lines_card(whose, await call.tx.phone.extensions(whose.id), whose.id == call.agent.id, call.region, call.say)


async def _whose(call: Call) -> Agent:
    """The asker, or whom a supervisor names. Raises Refusal."""
    if not call.text("person"):
        return call.agent
    person = await call.person("person")
    if person.id != call.agent.id and not call.agent.may(Role.SUPERVISOR):
        raise Refusal("phone.line_not_yours", person=person.name)
    return person


async def _taken(call: Call, whose: Agent, addresses: list[str]) -> Answer:
    """Take these away, which are all theirs."""
    if not addresses:
        return word(call.say("phone.line_none", person=whose.name))
    for one in addresses:
        await call.tx.phone.take_extension(one)
    return word(call.say("phone.line_gone", person=whose.name, lines=spoken_lines(addresses, call.region)), Tone.DONE)


COMMAND = Command(
    "phone_line",
    phone_line,
    (
        Option("address", Kind.WORD),
        Option("off", Kind.CHOICE, choices=(OFF[0],)),
        Option("person", Kind.PERSON, named=True),
    ),
)
