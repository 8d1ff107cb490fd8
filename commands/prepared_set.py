"""Set prepared advice: what is said by itself, and in which calls; a new name makes a new one, which is off."""

from bot.call import Call
from bot.cards.prepared_card import prepared_card
from bot.cards.prepared_forms import prepared_form
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.domain.prepared import PreparedAdvice
from bot.prepared_rules import Sheet, changed_meanwhile, named, shown


async def prepared_set(call: Call) -> Answer:
    """Keep what the form says. Who edits what somebody else changed meanwhile is shown that, with their own words."""
    rules = await call.tx.prepared.all()
    rule = _existing(call, rules)
    sheet = Sheet(call, rule)
    if not sheet.is_filled_in:
        return await _form(call, sheet, "", is_again="name" in call.options)
    if rule and (told := await changed_meanwhile(call, rule)):
        return await _form(call, sheet, told, is_again=True)
    after = sheet.read([one for one in rules if one is not rule])
    if sheet.problems:
        return await _form(call, sheet, "\n".join(sheet.problems), is_again=True)
    version = await call.tx.prepared.version(after.id) if rule else 0
    kept = await call.tx.prepared.keep(after, version, call.agent, call.act.at)
    [one] = await shown(call, [kept])
    title = call.say("prepared.saved", name=kept.name)
    return prepared_card(title, one, _told(call, rule, kept), call.say)


async def _form(call: Call, sheet: Sheet, intro: str, is_again: bool) -> Answer:
    version = await call.tx.prepared.version(sheet.rule.id) if sheet.rule else 0
    return prepared_form(sheet.rule, version, sheet.typed, intro, is_again, call.say)


def _existing(call: Call, rules: list[PreparedAdvice]) -> PreparedAdvice | None:
    """The rule that is named; None: a new one. Raises Refusal when a button names one that was removed."""
    found = named(rules, call.text("rule"))
    if not found and call.text("rule") and call.seen is not None:
        raise Refusal("prepared.gone")
    return found[0] if found else None


def _told(call: Call, before: PreparedAdvice | None, after: PreparedAdvice) -> str:
    if not after.conditions:
        return call.say("prepared.needs_condition")
    if after.is_on:
        return call.say("prepared.is_said")
    return call.say("prepared.is_off")


COMMAND = Command("prepared_set", prepared_set, (Option("rule", Kind.TEXT),), role=Role.SUPERVISOR)
