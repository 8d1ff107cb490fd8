"""Switch prepared advice: from then on it is said by itself, or not any more."""

from dataclasses import replace

from bot.call import Call
from bot.cards.prepared_card import prepared_card, switch_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import one_line, shorten
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.prepared_rules import TYPED_LENGTH, changed_meanwhile, meant, shown

ON, OFF = "on", "off"


async def prepared_switch(call: Call) -> Answer:
    """Turn it on, or off; the other way round when neither is said. What would be said in every call stays off."""
    rule = await meant(call)
    turn = call.text("turn") or (OFF if rule.is_on else ON)
    if turn not in (ON, OFF):
        raise Refusal("prepared.turn", given=shorten(one_line(turn), TYPED_LENGTH))
    is_on = turn == ON
    if is_on and not rule.conditions:
        raise Refusal("prepared.needs_a_condition", name=rule.name)
    if is_on and not rule.is_on and (told := await changed_meanwhile(call, rule)):
        [one] = await shown(call, [rule])
        return switch_card(one, told, call.say)
    if is_on is not rule.is_on:
        version = await call.tx.prepared.version(rule.id)
        rule = await call.tx.prepared.keep(replace(rule, is_on=is_on), version, call.agent, call.act.at)
    [one] = await shown(call, [rule])
    title = call.say("prepared.turned_on", name=rule.name) if is_on else call.say("prepared.turned_off", name=rule.name)
    return prepared_card(title, one, call.say("prepared.is_said") if is_on else "", call.say)


COMMAND = Command(
    "prepared_switch",
    prepared_switch,
    (
        Option("rule", Kind.TEXT, required=True),
        Option("turn", Kind.CHOICE, choices=(ON, OFF), named=True),
    ),
    role=Role.SUPERVISOR,
)
