"""One policy in full: by when a mail is due, whom it is for, who is told when, and the hours in which it counts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.level_words import (
    due_times,
    hours_in_short,
    length,
    level_facts,
    next_closed,
    next_special,
    target_in_words,
    there,
)
from bot.cards.levels_card import button_to
from bot.chat.card import Button, Card, Field, Style, Tone
from bot.chat.text import shorten
from bot.domain.levels import Level, Levels
from bot.domain.policy import Target
from bot.translator import Speaker, known_zone

VALUE_LENGTH = 900


def level_card(
    levels: Levels, level: Level, at: datetime, is_now: bool, version: int, may_change: bool, say: Speaker
) -> Card:
    """A policy with what it promises to a customer who writes at that moment; who may change it finds buttons."""
    calendar = levels.calendars[level.calendar]
    local = there(calendar, say)
    targets = {target_in_words(target, say) for target in Target}
    told = {label: value for label, value in level_facts(level, say).items() if label not in targets}
    since = at.astimezone(ZoneInfo(known_zone(calendar.zone))).date()
    told |= {
        say("levels.hours_of", name=calendar.name): hours_in_short(calendar, local),
        say("levels.next_closed"): " · ".join(next_closed(calendar, since, local)) or say("levels.no_days"),
        say("levels.next_special"): " · ".join(next_special(calendar, since, local)),
    }
    heading = say("levels.if_mail_now" if is_now else "levels.if_mail", at=local.moment(at))
    lines = [heading, *(_promise(level, target, due, say) for target, due in due_times(levels, level, at, say).items())]
    if (shadow := covering(levels, level)) is not None:
        lines.append(say("levels.never_gets_a_turn", first=shadow.name, name=level.name))
    place = levels.levels.index(level) + 1
    return Card(
        title=level.name,
        tone=Tone.OPEN,
        badge=say("levels.place_of", place=place, total=len(levels.levels)) if len(levels.levels) > 1 else "",
        lines=tuple((line,) for line in lines),
        fields=tuple(Field(label, (shorten(value, VALUE_LENGTH),)) for label, value in told.items() if value),
        buttons=tuple(_buttons(level, version, say) if may_change else ()),
        summary=say("levels.one", name=level.name),
    )


def covering(levels: Levels, level: Level) -> Level | None:
    """The policy before it that fits all that it fits, so that it never gets a turn."""
    for other in levels.levels:
        if other.name == level.name:
            return None
        pairs = (
            (other.queues, level.queues),
            (other.tags, level.tags),
            (other.ranks, level.ranks),
            (other.languages, level.languages),
        )
        if all(not wide or (narrow and narrow <= wide) for wide, narrow in pairs):
            return other
    return None


def removal_card(levels: Levels, level: Level, version: int, told: str, say: Speaker) -> Card:
    """Asks whether a policy shall go; `told` is what happened to it meanwhile, if anything."""
    title = say("levels.really_remove", name=level.name)
    return Card(
        title=title,
        tone=Tone.WAITING,
        lines=tuple((line,) for line in (*told.split("\n"), say("levels.what_removing_does")) if line),
        buttons=(
            *button_to(say("levels.remove"), "sla_remove", version, Style.DANGER, policy=level.name, sure="1"),
            *button_to(say("levels.look"), "sla", None, Style.QUIET, policy=level.name),
        ),
        summary=title,
    )


def _promise(level: Level, target: Target, due: str, say: Speaker) -> str:
    amount = length(level.policy.targets[target], say)
    return say("levels.due_within", target=target_in_words(target, say), time=amount, due=due)


def _buttons(level: Level, version: int, say: Speaker) -> list[Button]:
    name = level.name
    return [
        *button_to(say("levels.change_times"), "sla_set", version, policy=name),
        *button_to(say("levels.change_whom"), "sla_who", version, policy=name),
        *button_to(say("levels.change_ladder"), "sla_ladder", version, policy=name),
        *button_to(say("levels.hours_button"), "sla_hours", version, calendar=level.calendar),
        *button_to(say("levels.remove_button"), "sla_remove", version, Style.DANGER, policy=name),
    ]
