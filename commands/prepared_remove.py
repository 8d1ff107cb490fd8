"""Remove prepared advice: it is never said again."""

from bot.call import Call
from bot.cards.prepared_card import prepared_removal_card
from bot.cards.word import word
from bot.chat.card import Button, Style
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.agent import Role
from bot.prepared_rules import changed_meanwhile, meant, shown


async def prepared_remove(call: Call) -> Answer:
    """Remove it once the button says so; what others changed in it meanwhile is shown first."""
    rule = await meant(call)
    told = await changed_meanwhile(call, rule)
    if told or not call.text("sure"):
        [one] = await shown(call, [rule])
        return prepared_removal_card(one, told, call.say)
    await call.tx.prepared.remove(rule.id, call.agent, call.act.at)
    every = Button(call.say("prepared.show_all"), pressing("prepared"), Style.QUIET)
    return word(call.say("prepared.removed", name=rule.name), buttons=(every,))


COMMAND = Command(
    "prepared_remove",
    prepared_remove,
    (Option("rule", Kind.TEXT, required=True),),
    role=Role.SUPERVISOR,
)
