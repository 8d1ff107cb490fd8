"""All service levels at a glance: which policies there are, in order, for whom, and who is told when."""

from collections.abc import Sequence

from bot.cards.level_words import counted, ladder_in_short, promises, whom
from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call, pressable
from bot.chat.text import shorten
from bot.domain.levels import Calendar, Level, Levels
from bot.translator import Speaker

PAGE = 6
"""Policies a page: each is a row with a button."""
DETAIL_LENGTH = 480


def levels_card(levels: Levels, page: int, may_change: bool, say: Speaker) -> Card:
    """One page of the policies, in the order in which they are tried."""
    pages = max(1, -(-len(levels.levels) // PAGE))
    page = min(max(page, 1), pages)
    first = (page - 1) * PAGE
    shown = levels.levels[first : first + PAGE]
    title = say("levels.all", count=len(levels.levels)) if levels.levels else say("levels.none")
    hint = say("levels.first_wins") if len(levels.levels) > 1 else "" if levels.levels else say("levels.how_to_begin")
    return Card(
        title=title,
        tone=Tone.OPEN if levels.levels else Tone.QUIET,
        lines=((hint,),) if hint else (),
        items=tuple(_item(place, one, say) for place, one in enumerate(shown, first + 1)),
        buttons=(*_turns(page, pages, say), *_buttons(levels, may_change, say)),
        footer=(say("queue.page", page=page, pages=pages),) if pages > 1 else (),
        summary=title,
    )


def calendars_card(calendars: Sequence[Calendar], version: int, say: Speaker) -> Card:
    """Which calendars there are, each with a button that changes it."""
    title = say("levels.which_calendar")
    items = tuple(
        Item((one.name,), (one.zone,), _fitting(say("levels.change"), "sla_hours", version, calendar=one.name))
        for one in calendars[: 2 * PAGE]
    )
    return Card(title=title, tone=Tone.OPEN, items=items, summary=title)


def button_to(label: str, verb: str, version: int | None, style: Style = Style.NORMAL, **named: str) -> list[Button]:
    """A button, or none where its call is longer than platforms carry: one types the command then."""
    found = _fitting(label, verb, version, style, **named)
    return [found] if found else []


def _fitting(label: str, verb: str, version: int | None, style: Style = Style.NORMAL, **named: str) -> Button | None:
    of = call(verb, None, version, **named)
    return Button(label, of, style) if pressable(of) else None


def _item(place: int, level: Level, say: Speaker) -> Item:
    told = (whom(level, say), promises(level, say), counted(level, say), ladder_in_short(level, say))
    look = _fitting(say("levels.look"), "sla", None, policy=level.name)
    return Item((say("levels.place", place=place, name=level.name),), (shorten(" · ".join(told), DETAIL_LENGTH),), look)


def _buttons(levels: Levels, may_change: bool, say: Speaker) -> list[Button]:
    told = [Button(say("levels.versions"), call("sla_versions"), Style.QUIET)] if levels.levels else []
    if not may_change:
        return told
    add = [Button(say("levels.add"), call("sla_set"), Style.NORMAL if levels.levels else Style.PRIMARY)]
    hours = [Button(say("levels.hours_button"), call("sla_hours"))] if levels.calendars else []
    return [*add, *hours, *told]


def _turns(page: int, pages: int, say: Speaker) -> list[Button]:
    back = [Button(say("queue.back"), call("sla", None, None, page=str(page - 1)), Style.QUIET)]
    on = [Button(say("queue.on"), call("sla", None, None, page=str(page + 1)), Style.QUIET)]
    return [*(back if page > 1 else []), *(on if page < pages else [])]
