"""Set how soon customers of a policy are answered and when people are told; a new name makes a new policy."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

from bot.call import Call
from bot.cards.level_card import covering
from bot.cards.level_changes_card import changed_card
from bot.cards.level_forms import labels, level_form, name_form
from bot.cards.levels_card import button_to
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line, shorten
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.domain.levels import Calendar, Level, Levels
from bot.domain.policy import Policy, Target
from bot.level_changes import LaidDown, Sheet, changed_meanwhile, keep, laid_down, named, plain
from bot.level_file import amount_of, amount_text, country_of_zone, holidays_in, share_of

NAME_LENGTH = 30
FIRST, LAST = ("first", "最初"), ("last", "最後")
"""Words for the two ends of the row, where no policy is called so."""
OFFICE = "office"
WORKDAYS = range(5)
MORNING, EVENING = time(9), time(18)
NEW_WARN, NEW_OVERDUE = (50, 80), (timedelta(hours=1),)


async def sla_set(call: Call) -> Answer:
    """Keep other times for a policy, or make it; `before` moves it in front of another, `calendar` gives it hours."""
    if not call.text("policy"):
        return name_form(call.say)
    held = await laid_down(call)
    level = _existing(held.levels, call.text("policy"))
    sheet = Sheet(call, _values(level), labels("sla_set", call.say))
    options = {name: call.text(name) for name in ("before", "calendar") if call.text(name)}
    started = level or _new(call, held.levels)
    name = started.name
    if level and options and not sheet.is_filled_in and not call.text("again"):
        return await _kept(call, held, level, level)
    meanwhile = await changed_meanwhile(call, held, lambda levels: _values(levels.named(name)))
    told, sheet.drawn = meanwhile.told, meanwhile.was
    if told or not sheet.is_filled_in:
        of = sheet.again("sla_set", held.version, policy=name, **options) if told or call.text("again") else ""
        of = of or pressing("sla_set", None, held.version, policy=name, **options)
        intro = told if told or level else call.say("levels.new_one", name=name)
        return level_form("sla_set", name, of, sheet.typed, intro, call.say)
    after = _filled(sheet, started)
    if sheet.problems or after is None:
        of = sheet.again("sla_set", held.version, policy=name, **options)
        return level_form("sla_set", name, of, sheet.typed, "\n".join(sheet.problems), call.say)
    return await _kept(call, held, level, after)


async def _kept(call: Call, held: LaidDown, before: Level | None, after: Level) -> Answer:
    levels = _with_calendar(call, held.levels, after)
    after = replace(after, calendar=call.text("calendar") or after.calendar)
    if after.calendar not in levels.calendars:
        names = ", ".join(levels.calendars)
        raise Refusal("levels.no_calendar", given=shorten(one_line(after.calendar), NAME_LENGTH), names=names)
    levels = replace(levels, levels=tuple(_placed(call, levels.levels, after)))
    if levels == held.levels:
        return word(call.say("levels.unchanged", name=after.name))
    version = await keep(call, held, levels)
    key = "levels.saved" if before else "levels.made"
    hint, more = "", []
    if before is None:
        more = button_to(call.say("levels.change_whom"), "sla_who", version, policy=after.name)
    if (shadow := covering(levels, after)) is not None:
        hint = call.say("levels.never_gets_a_turn", first=shadow.name, name=after.name)
        more += button_to(call.say("levels.to_the_front"), "sla_set", version, policy=after.name, before="first")
    title = call.say(key, name=after.name)
    return changed_card(title, held.levels, levels, [after], version, call.act.at, call.say, hint, tuple(more))


def _existing(levels: Levels, given: str) -> Level | None:
    wanted = plain(given)
    return levels.named(given) or next((one for one in levels.levels if plain(one.name) == wanted), None)


def _new(call: Call, levels: Levels) -> Level:
    """A policy of that name. Raises Refusal when it cannot be called so."""
    name = one_line(call.text("policy"))
    if not name or len(name) > NAME_LENGTH or any(sign in name for sign in ":%,"):
        raise Refusal("levels.bad_name", given=shorten(name, NAME_LENGTH), limit=NAME_LENGTH)
    calendar = levels.levels[0].calendar if levels.levels else next(iter(levels.calendars), OFFICE)
    return Level(policy=Policy(name, {}, NEW_WARN, NEW_OVERDUE), calendar=calendar)


def _with_calendar(call: Call, levels: Levels, level: Level) -> Levels:
    """The levels with the calendar that a first policy needs, where nobody has laid down any."""
    if levels.calendars or call.text("calendar") not in ("", OFFICE) or level.calendar != OFFICE:
        return levels
    zone = call.agent.time_zone
    country = country_of_zone(zone)
    week = dict.fromkeys(WORKDAYS, ((MORNING, EVENING),))
    return replace(levels, calendars={OFFICE: Calendar(OFFICE, zone, week, country, is_holiday=holidays_in(country))})


def _placed(call: Call, levels: Sequence[Level], level: Level) -> list[Level]:
    """The policies in order with this one in its place, or before the one that is named. Raises Refusal."""
    others = [one for one in levels if one.name != level.name]
    given = call.text("before")
    if not given:
        if len(others) == len(levels):
            return [*others, level]
        return [level if one.name == level.name else one for one in levels]
    if plain(given) in map(plain, (one.name for one in others)):
        wanted = named(Levels(levels=tuple(others)), given)
        place = others.index(wanted)
    elif plain(given) in (*FIRST, *LAST):
        place = 0 if plain(given) in FIRST else len(others)
    else:
        place = others.index(named(Levels(levels=tuple(others)), given)) if others else 0
    return [*others[:place], level, *others[place:]]


def _values(level: Level | None) -> dict[str, str]:
    """What the form's inputs hold now."""
    policy = level.policy if level else Policy("", {}, NEW_WARN, NEW_OVERDUE)
    return {
        **{target.value: amount_text(policy.targets[target]) if target in policy.targets else "" for target in Target},
        "warn": ", ".join(map(str, policy.warn)),
        "overdue": ", ".join(map(amount_text, policy.overdue)),
    }


def _filled(sheet: Sheet, level: Level) -> Level | None:
    """The policy with what was typed; what is wrong with that is noted on the sheet."""
    read = {target: sheet.read(target.value, amount_of, None) for target in Target}
    targets = {target: amount for target, amount in read.items() if amount}
    warn = tuple(sorted(set(sheet.many("warn", share_of))))
    overdue = tuple(sorted(set(sheet.many("overdue", amount_of))))
    if sheet.problems:
        return None
    return replace(level, policy=Policy(level.name, targets, warn, overdue, level.policy.urgent))


COMMAND = Command(
    "sla_set",
    sla_set,
    (
        Option("policy", Kind.LEVEL),
        Option("before", Kind.WORD, named=True),
        Option("calendar", Kind.WORD, named=True),
    ),
    role=Role.SUPERVISOR,
)
