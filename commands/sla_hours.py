"""Set the hours of a calendar: its time zone and week, public holidays, own closing days, and special days."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.call import Call
from bot.cards.level_changes_card import changed_card
from bot.cards.level_forms import labels, level_form
from bot.cards.levels_card import calendars_card
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line, shorten
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.domain.hours import Span
from bot.domain.levels import Calendar, Levels
from bot.level_changes import Sheet, changed_meanwhile, keep, laid_down, plain
from bot.level_file import (
    Unreadable,
    country_of,
    country_of_zone,
    days_of,
    holidays_in,
    rows_of_days,
    spans_of,
    spans_text,
    week_of,
    week_text,
    zone_of,
)

NAME_LENGTH = 30
SHOWN_BACK = timedelta(days=31)
"""Single days that are over for longer stay as they are and are not shown: the form would grow for ever."""


async def sla_hours(call: Call) -> Answer:
    """Keep other hours for a calendar, or make it; every policy that counts in it follows."""
    held = await laid_down(call)
    given = one_line(call.text("calendar"))
    if not given and len(held.levels.calendars) != 1:
        if not held.levels.calendars:
            raise Refusal("levels.none")
        return calendars_card(list(held.levels.calendars.values()), held.version, call.say)
    name = _name(given or next(iter(held.levels.calendars)), held.levels)
    calendar = held.levels.calendars.get(name)
    since = call.act.at.date() - SHOWN_BACK
    zone = call.agent.time_zone
    sheet = Sheet(call, _values(calendar, since, zone), labels("sla_hours", call.say))
    meanwhile = await changed_meanwhile(call, held, lambda levels: _values(levels.calendars.get(name), since, zone))
    told, sheet.drawn = meanwhile.told, meanwhile.was
    again = sheet.again("sla_hours", held.version, calendar=name)
    if told or not sheet.is_filled_in:
        of = again if told or call.text("again") else pressing("sla_hours", None, held.version, calendar=name)
        intro = told if told or calendar else call.say("levels.new_calendar", name=name)
        return level_form("sla_hours", name, of, sheet.typed, intro, call.say)
    after = _filled(sheet, name, calendar, since)
    if after is None:
        return level_form("sla_hours", name, again, sheet.typed, "\n".join(sheet.problems), call.say)
    if after == calendar:
        return word(call.say("levels.unchanged", name=name))
    levels = replace(held.levels, calendars={**held.levels.calendars, name: after})
    version = await keep(call, held, levels)
    follow = [one for one in levels.levels if one.calendar == name and not one.policy.urgent]
    hint = "" if calendar else call.say("levels.use_calendar", name=name)
    title = call.say("levels.saved", name=name)
    return changed_card(title, held.levels, levels, follow, version, call.act.at, call.say, hint)


def _name(given: str, levels: Levels) -> str:
    """The calendar's name as it is written, or a new one. Raises Refusal when it cannot be called so."""
    known = next((name for name in levels.calendars if plain(name) == plain(given)), None)
    if known is None and (len(given) > NAME_LENGTH or any(sign in given for sign in ":%,")):
        raise Refusal("levels.bad_name", given=shorten(given, NAME_LENGTH), limit=NAME_LENGTH)
    return known or given


def _values(calendar: Calendar | None, since: date, zone: str) -> dict[str, str]:
    """What the form's inputs hold now; for a new calendar what its maker's time zone suggests."""
    if calendar is None:
        week = "mon-fri 09:00-18:00"
        return {"time_zone": zone, "week": week, "holidays": country_of_zone(zone), "closed": "", "open": ""}
    extra = sorted((day, spans) for day, spans in calendar.extra.items() if day >= since)
    return {
        "time_zone": calendar.zone,
        "week": week_text(calendar.week),
        "holidays": calendar.holidays,
        "closed": "\n".join(rows_of_days(day for day in calendar.closed if day >= since)),
        "open": "\n".join(f"{day} {spans_text(spans)}" for day, spans in extra),
    }


def _filled(sheet: Sheet, name: str, calendar: Calendar | None, since: date) -> Calendar | None:
    """The calendar with what was typed; None when something is wrong with that, which is noted on the sheet."""
    zone = sheet.read("time_zone", zone_of, "")
    no_week: dict[int, tuple[Span, ...]] = {}
    week = sheet.read("week", week_of, no_week)
    country = sheet.read("holidays", country_of, "")
    closed = sheet.read("closed", days_of, frozenset[date]())
    extra: Mapping[date, tuple[Span, ...]] = sheet.read("open", _special_of, {})
    for needed in ("time_zone", "week"):
        if not sheet.typed[needed]:
            sheet.wrong(needed, sheet.call.say("levels.needed"))
    if sheet.problems:
        return None
    if calendar:
        closed |= frozenset(day for day in calendar.closed if day < since)
        extra = {**{day: spans for day, spans in calendar.extra.items() if day < since}, **extra}
    return Calendar(name, zone, week, country, closed, dict(sorted(extra.items())), holidays_in(country))


def _special_of(given: str) -> dict[date, tuple[Span, ...]]:
    """Days with hours of their own, "2026-12-30 10:00-15:00", one a line or between ";". Raises Unreadable."""
    found: dict[date, tuple[Span, ...]] = {}
    for line in filter(str.strip, given.replace(";", "\n").splitlines()):
        day, _, hours = line.strip().partition(" ")
        if not hours:
            raise Unreadable("spans", line.strip(), "a special day needs its hours")
        spans = spans_of(hours)
        found.update(dict.fromkeys(days_of(day), spans))
    return found


COMMAND = Command("sla_hours", sla_hours, (Option("calendar", Kind.TEXT),), role=Role.SUPERVISOR)
