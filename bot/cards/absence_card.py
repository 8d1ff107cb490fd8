"""Who is away when, and when somebody wants quiet."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.chat.card import Button, Card, Item
from bot.chat.invocation import call
from bot.chat.text import Text
from bot.domain.absence import Absence, Quiet
from bot.domain.agent import Agent, Role
from bot.domain.hours import DAY, MIDNIGHT
from bot.translator import Speaker


def absences_card(absences: Sequence[Absence], reader: Agent, say: Speaker) -> Card:
    """Everybody's, in order; with a button to end those that are the reader's, and for supervisors any."""
    title = say("absence.title") if absences else say("absence.none")
    items = tuple(_item(one, reader, say) for one in absences)
    return Card(title=title, lines=((say("absence.how"),),), items=items, summary=title)


def when(absence: Absence, say: Speaker) -> Text:
    """From when until when, or only until when once it has begun; in days, when it ends with a day of its reader's."""
    zone = ZoneInfo(say.time_zone)
    since, until = absence.since.astimezone(zone), absence.until.astimezone(zone)
    has_begun = absence.holds(say.now)
    if until.time() == MIDNIGHT and (has_begun or since.time() == MIDNIGHT):
        last = until.date() - DAY
        if has_begun:
            return (say("absence.through", day=say.day(last)),)
        if last == since.date():
            return (say("absence.on", day=say.day(last)),)
        return (say("absence.days", first=say.day(since.date()), last=say.day(last)),)
    if has_begun:
        return say.text("absence.until", until=say.at(absence.until))
    return say.text("absence.from", since=say.at(absence.since), until=say.at(absence.until))


def quiet_line(quiet: Quiet, say: Speaker) -> str:
    """The quiet hours, by their own clocks."""
    return say("quiet.now", since=f"{quiet.since:%H:%M}", until=f"{quiet.until:%H:%M}", zone=say.time_zone)


def end_button(absence: Absence, say: Speaker) -> Button:
    """Ends an absence that has begun, or takes back one that has not."""
    label = say("button.back" if absence.holds(say.now) else "button.cancel_absence")
    return Button(label, call("absence", end=str(absence.id)))


def _item(absence: Absence, reader: Agent, say: Speaker) -> Item:
    is_theirs = absence.agent.id == reader.id or reader.may(Role.SUPERVISOR)
    reason: Text = (f" · {absence.reason}",) if absence.reason else ()
    return Item((absence.agent.name,), when(absence, say) + reason, end_button(absence, say) if is_theirs else None)
