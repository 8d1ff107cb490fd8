"""Say who is told in the end, when an untouched inquiry is asked about, and what silent customers lead to."""

from dataclasses import replace

from bot.call import Call
from bot.cards.level_changes_card import changed_card
from bot.cards.level_forms import labels, level_form
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.domain.levels import Level
from bot.level_changes import Sheet, changed_meanwhile, keep, laid_down, named, replaced
from bot.level_file import amount_of, amount_text, count_of
from bot.ports import Handle


async def sla_ladder(call: Call) -> Answer:
    """Keep another ladder for a policy."""
    held = await laid_down(call)
    level = named(held.levels, call.text("policy"))
    sheet = Sheet(call, _values(level), labels("sla_ladder", call.say))

    meanwhile = await changed_meanwhile(call, held, lambda levels: _values(levels.named(level.name) or level))
    told, sheet.drawn = meanwhile.told, meanwhile.was
    again = sheet.again("sla_ladder", held.version, policy=level.name)
    if told or not sheet.is_filled_in:
        of = again if told or call.text("again") else pressing("sla_ladder", None, held.version, policy=level.name)
        return level_form("sla_ladder", level.name, of, sheet.typed, told, call.say)
    after = await _filled(sheet, level)
    if sheet.problems:
        return level_form("sla_ladder", level.name, again, sheet.typed, "\n".join(sheet.problems), call.say)
    if after == level:
        return word(call.say("levels.unchanged", name=level.name))
    levels = replaced(held.levels, after)
    version = await keep(call, held, levels)
    title = call.say("levels.saved", name=level.name)
    return changed_card(title, held.levels, levels, [after], version, call.act.at, call.say)


def _values(level: Level) -> dict[str, str]:
    return {
        "tell": level.person,
        "untouched": amount_text(level.untouched) if level.untouched else "",
        "hand_back": amount_text(level.hand_back) if level.hand_back else "",
        "remind_after": str(level.remind_after or ""),
        "offer_closing": str(level.offer_closing or ""),
    }


async def _filled(sheet: Sheet, level: Level) -> Level:
    """The policy with what was typed; what is wrong with that is noted on the sheet."""
    say = sheet.call.say
    after = replace(
        level,
        person=await _person(sheet, level),
        untouched=sheet.read("untouched", amount_of, None),
        hand_back=sheet.read("hand_back", amount_of, None),
        remind_after=sheet.read("remind_after", count_of, None),
        offer_closing=sheet.read("offer_closing", count_of, None),
    )
    if not sheet.problems and after.hand_back and not after.untouched:
        sheet.wrong("hand_back", say("levels.hand_back_needs_untouched"))
    if after.remind_after and after.offer_closing and after.offer_closing <= after.remind_after:
        sheet.wrong("offer_closing", say("levels.closing_comes_later", count=after.remind_after))
    return after


async def _person(sheet: Sheet, level: Level) -> str:
    """The name of whoever is told in the end; a handle on another platform stays as it was typed."""
    call, given = sheet.call, sheet.typed["tell"]
    if not given or given == level.person:
        return given
    platform, colon, user = given.partition(":")
    if colon and (found := await call.tx.agents.by_handle(Handle(platform.strip(), user.strip()))) and found.role:
        return f"{platform.strip()}:{user.strip()}"
    try:
        found = await call.person("tell")
    except Refusal as refusal:
        sheet.wrong("tell", call.say(refusal.key, **refusal.details))
        return ""
    if found.role is None:
        sheet.wrong("tell", call.say("assign.not_agent", person=found.name))
    return found.name


COMMAND = Command("sla_ladder", sla_ladder, (Option("policy", Kind.LEVEL, required=True),), role=Role.SUPERVISOR)
