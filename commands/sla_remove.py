"""Remove a policy: from then on the next one that fits an inquiry holds. It can be taken back."""

from dataclasses import replace

from bot.call import Call
from bot.cards.level_card import removal_card
from bot.cards.level_changes_card import changed_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.level_changes import changed_meanwhile, keep, laid_down, named


async def sla_remove(call: Call) -> Answer:
    """Remove it once the button says so; what others changed in it meanwhile is shown first."""
    held = await laid_down(call)
    level = named(held.levels, call.text("policy"))
    told = (await changed_meanwhile(call, held, lambda levels: levels.named(level.name))).told
    if told or not call.text("sure"):
        return removal_card(held.levels, level, held.version, told, call.say)
    levels = replace(held.levels, levels=tuple(one for one in held.levels.levels if one.name != level.name))
    version = await keep(call, held, levels)
    title = call.say("levels.removed", name=level.name)
    heir = [one for one in levels.levels if one.calendar == level.calendar][:1]
    return changed_card(title, held.levels, levels, heir, version, call.act.at, call.say)


COMMAND = Command("sla_remove", sla_remove, (Option("policy", Kind.LEVEL, required=True),), role=Role.SUPERVISOR)
