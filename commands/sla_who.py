"""Say for which inquiries a policy is: their queues, tags, customers and languages, and whether it is urgent."""

import re
from dataclasses import replace

from bot.call import Call
from bot.cards.level_card import covering
from bot.cards.level_changes_card import changed_card
from bot.cards.level_forms import NO, YES, labels, level_form
from bot.cards.levels_card import button_to
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.agent import Role
from bot.domain.levels import Level
from bot.level_changes import Sheet, changed_meanwhile, keep, laid_down, named, plain, replaced
from bot.level_file import spellings, truth_of, words_of

_LANGUAGE = re.compile("[a-z]{2}")


async def sla_who(call: Call) -> Answer:
    """Keep other conditions for a policy."""
    held = await laid_down(call)
    level = named(held.levels, call.text("policy"))
    sheet = Sheet(call, _values(level), labels("sla_who", call.say))

    meanwhile = await changed_meanwhile(call, held, lambda levels: _values(levels.named(level.name) or level))
    told, sheet.drawn = meanwhile.told, meanwhile.was
    again = sheet.again("sla_who", held.version, policy=level.name)
    if told or not sheet.is_filled_in:
        of = again if told or call.text("again") else pressing("sla_who", None, held.version, policy=level.name)
        return level_form("sla_who", level.name, of, sheet.typed, told, call.say)
    after = await _filled(sheet, level)
    if sheet.problems:
        return level_form("sla_who", level.name, again, sheet.typed, "\n".join(sheet.problems), call.say)
    if after == level:
        return word(call.say("levels.unchanged", name=level.name))
    levels = replaced(held.levels, after)
    version = await keep(call, held, levels)
    hint, more = "", []
    if (shadow := covering(levels, after)) is not None:
        hint = call.say("levels.never_gets_a_turn", first=shadow.name, name=after.name)
        more = button_to(call.say("levels.to_the_front"), "sla_set", version, policy=after.name, before="first")
    title = call.say("levels.saved", name=level.name)
    return changed_card(title, held.levels, levels, [after], version, call.act.at, call.say, hint, tuple(more))


def _values(level: Level) -> dict[str, str]:
    words = {"tags": level.spelled(level.tags), "ranks": level.spelled(level.ranks)}
    names = {"queues": sorted(level.queues), **words, "languages": sorted(level.languages)}
    listed = {name: ", ".join(each) for name, each in names.items()}
    return {**listed, "urgent": YES if level.policy.urgent else NO}


async def _filled(sheet: Sheet, level: Level) -> Level:
    """The policy with what was typed; what is wrong with that is noted on the sheet."""
    call = sheet.call
    known = {plain(one.name): one.name for one in await call.tx.queues.all()}
    queues = sheet.many("queues", str)
    for given in queues:
        if plain(given) not in known and given not in level.queues:
            names = ", ".join(known.values())
            sheet.wrong("queues", call.say("refused.no_queue", given=given, names=names))
    languages = [one.casefold() for one in sheet.many("languages", str)]
    for given in languages:
        if not _LANGUAGE.fullmatch(given):
            sheet.wrong("languages", call.say("levels.bad_language", given=given))
    tags, ranks = words_of(sheet.many("tags", str)), words_of(sheet.many("ranks", str))
    return replace(
        level,
        queues=frozenset(known.get(plain(one), one) for one in queues),
        tags=frozenset(tags),
        ranks=frozenset(ranks),
        spellings=spellings(tags, ranks),
        languages=frozenset(languages),
        policy=replace(level.policy, urgent=sheet.read("urgent", truth_of, False)),
    )


COMMAND = Command("sla_who", sla_who, (Option("policy", Kind.LEVEL, required=True),), role=Role.SUPERVISOR)
