"""What changed in service levels: before and after in words, with by when a mail of now is due."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.cards.level_words import (
    calendar_facts,
    due_times,
    hours_in_short,
    level_facts,
    promises,
    spans,
    target_in_words,
    there,
    whom,
)
from bot.chat.card import Button, Card, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import shorten
from bot.domain.levels import Calendar, Level, Levels
from bot.translator import Speaker

LINES = 12
"""Differences that a card tells."""
LINE_LENGTH = 500
PREVIEWS = 3
"""Policies of a changed calendar that are previewed."""
DAYS = 8
"""Single days that are told by name."""


def differences(before: Levels, after: Levels, say: Speaker) -> list[str]:
    """What is another, a sentence each: policies, their order, calendars, and the rest."""
    told = [
        *(say("levels.gone", kind=say("levels.policy"), name=one.name) for one in _lost(before, after)),
        *(_new_in_words(one, say) for one in _lost(after, before)),
        *_compared(_levels(before, say), _levels(after, say), say),
        *_compared(_calendars(before, say), _calendars(after, say), say),
        *_calendars_lost_and_new(before, after, say),
        *_days(before, after, say),
    ]
    order = [one.name for one in after.levels]
    kept = [one.name for one in before.levels if after.named(one.name)]
    if kept != [name for name in order if before.named(name)]:
        told.append(say("levels.order_is", names=say("levels.then").join(order)))
    if before.escalations != after.escalations:
        told.append(say("levels.escalations_changed"))
    if before.digests != after.digests:
        told.append(say("levels.digests_on" if after.digests else "levels.digests_off"))
    return told


def touched(before: Levels, after: Levels) -> list[Level]:
    """The levels that promise something else than before, or in other hours; the first one where none does."""
    found = [
        one
        for one in after.levels
        if before.named(one.name) != one
        or (not one.policy.urgent and before.calendars.get(one.calendar) != after.calendars[one.calendar])
    ]
    return found or list(after.levels[:1])


def previews(before: Levels, after: Levels, shown: list[Level], at: datetime, say: Speaker) -> list[str]:
    """By when a mail of that moment is due by these levels, and by when it was due before, where that is another."""
    told = []
    for level in shown:
        was = before.named(level.name)
        old = due_times(before, was, at, say) if was else {}
        new = due_times(after, level, at, say)
        if not new:
            continue
        local = there(after.calendars[level.calendar], say)
        told.append(say("levels.a_mail_now", name=level.name, at=local.moment(at)))
        for target, due in new.items():
            label = target_in_words(target, say)
            if old.get(target, due) == due:
                told.append(say("levels.due", target=label, due=due))
            else:
                told.append(say("levels.due_instead", target=label, due=due, before=old[target]))
    return told


def changed_card(
    title: str,
    before: Levels,
    after: Levels,
    shown: list[Level],
    version: int,
    at: datetime,
    say: Speaker,
    hint: str = "",
    more: tuple[Button, ...] = (),
) -> Card:
    """A change that was made: what is another, what follows for a mail of now, and a way back.

    `shown` are the levels of `after` that are previewed.
    """
    told = differences(before, after, say)
    rest = len(told) - LINES
    lines = [*told[:LINES], *([say("levels.and_more", count=rest)] if rest > 0 else [])]
    lines += previews(before, after, shown[:PREVIEWS], at, say)
    look = [Button(say("levels.look"), call("sla", None, None, policy=one.name)) for one in shown[:1]]
    back = Button(say("levels.take_back"), call("sla_versions", None, version, to=str(version - 1)), Style.QUIET)
    return Card(
        title=title,
        tone=Tone.DONE,
        lines=tuple((shorten(one, LINE_LENGTH),) for one in [*filter(None, [hint]), *lines]),
        buttons=(*more, *look, *([back] if version > 1 else [])),
        footer=(say("levels.follows", version=version),),
        summary=title,
    )


def _levels(levels: Levels, say: Speaker) -> dict[str, dict[str, str]]:
    return {one.name: level_facts(one, say) for one in levels.levels}


def _calendars(levels: Levels, say: Speaker) -> dict[str, dict[str, str]]:
    return {name: calendar_facts(one, say) for name, one in levels.calendars.items()}


def _lost(before: Levels, after: Levels) -> list[Level]:
    return [one for one in before.levels if not after.named(one.name)]


def _new_in_words(one: Level, say: Speaker) -> str:
    what = f"{whom(one, say)} · {promises(one, say)}"
    return say("levels.is_new", kind=say("levels.policy"), name=one.name, what=what)


def _calendars_lost_and_new(before: Levels, after: Levels, say: Speaker) -> list[str]:
    kind, old, new = say("levels.calendar"), before.calendars, after.calendars
    lost = [say("levels.gone", kind=kind, name=name) for name in old if name not in new]
    made = [
        say("levels.is_new", kind=kind, name=name, what=hours_in_short(one, say))
        for name, one in new.items()
        if name not in old
    ]
    return [*lost, *made]


def _compared(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]], say: Speaker
) -> list[str]:
    told = []
    for name, facts in after.items():
        old = before.get(name, facts)
        for label in dict.fromkeys((*old, *facts)):
            was, now = old.get(label, ""), facts.get(label, "")
            if was != now:
                told.append(
                    say(
                        "levels.is_another",
                        name=name,
                        label=label,
                        before=was.replace("\n", " / ") or say("levels.nothing"),
                        after=now.replace("\n", " / ") or say("levels.nothing"),
                    )
                )
    return told


def _days(before: Levels, after: Levels, say: Speaker) -> list[str]:
    """Single days of calendars that are other ones."""
    told = []
    for name, now in after.calendars.items():
        was = before.calendars.get(name)
        if was is None:
            continue
        rows = (
            ("levels.days_closed", sorted(now.closed - was.closed)),
            ("levels.days_not_closed", sorted(was.closed - now.closed)),
            ("levels.days_open", sorted(day for day in now.extra if now.extra[day] != was.extra.get(day))),
            ("levels.days_not_open", sorted(was.extra.keys() - now.extra.keys())),
        )
        told += [say(key, name=name, days=_listed(days, now, say)) for key, days in rows if days]
    return told


def _listed(days: Sequence[date], calendar: Calendar, say: Speaker) -> str:
    told = [f"{say.day(day)} {spans(calendar.extra.get(day, ()))}".strip() for day in days[:DAYS]]
    rest = len(days) - DAYS
    return " · ".join([*told, *([say("levels.and_more", count=rest)] if rest > 0 else [])])
