"""One person's day: what of theirs is overdue, due today or waiting, and what they wanted to be reminded of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards.absence_card import quiet_line, when
from bot.cards.inquiry_card import title
from bot.chat.card import Button, Card, Item, Tone
from bot.chat.invocation import call
from bot.chat.text import Part, Text, one_line, shorten
from bot.domain.absence import Absence, Quiet
from bot.domain.inquiry import Inquiry
from bot.domain.timeline import WAITING
from bot.translator import Speaker

ROWS = 5
"""Rows of each part; the heading says how many there are."""
TITLE_LENGTH = 80
NOTE_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Reminder:
    """Somebody wanted to be reminded of an inquiry."""

    inquiry: Inquiry
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Day:
    """What one person has to know today. `ends`: when their day does."""

    mine: Sequence[Inquiry]
    now: datetime
    ends: datetime
    reminders: Sequence[Reminder] = ()
    unclaimed: Mapping[str, int] = field(default_factory=dict)
    absences: Sequence[Absence] = ()
    quiet: Quiet | None = None

    @property
    def overdue(self) -> list[Inquiry]:
        return sorted((one for one in self.mine if one.due_at and one.due_at < self.now), key=_due)

    @property
    def today(self) -> list[Inquiry]:
        return sorted((one for one in self.mine if one.due_at and self.now <= one.due_at < self.ends), key=_due)

    @property
    def waiting(self) -> list[Inquiry]:
        """Those for which somebody else is waited; the next to go on first."""
        late = {one.number for one in (*self.overdue, *self.today)}
        found = [one for one in self.mine if one.status in WAITING and one.number not in late]
        return sorted(
            found, key=lambda one: (one.waiting_until is None, one.waiting_until or one.opened_at, one.number)
        )

    @property
    def later(self) -> int:
        """How many more they hold."""
        return len(self.mine) - len(self.overdue) - len(self.today) - len(self.waiting)


def day_card(day: Day, say: Speaker) -> Card:
    """Private to that person."""
    title = say("day.title")
    items = [
        *_part("day.overdue", [_row(one, _due_text(one, day, say), say) for one in day.overdue], say),
        *_part("day.today", [_row(one, _due_text(one, day, say), say) for one in day.today], say),
        *_part("day.waiting", [_row(one, _waiting_text(one, say), say) for one in day.waiting], say),
        *_part("day.reminders", [_row(one.inquiry, _reminder_text(one, say), say) for one in day.reminders], say),
    ]
    buttons = (
        Button(say("button.queue"), call("queue")),
        Button(say("button.home"), call("home")),
        Button(say("button.absence"), call("absence")),
    )
    is_late = bool(day.overdue)
    told = say("day.summary", overdue=len(day.overdue), today=len(day.today), waiting=len(day.waiting))
    return Card(
        title=title,
        tone=Tone.ALERT if is_late else Tone.OPEN,
        lines=tuple(_lines(day, bool(items), say)),
        items=tuple(items),
        buttons=buttons,
        summary=f"{title}: {told}",
    )


def _lines(day: Day, has_rows: bool, say: Speaker) -> list[Text]:
    lines: list[Text] = [] if has_rows else [(say("day.nothing"),)]
    if day.later:
        lines.append((say("day.later", count=day.later),))
    free = sum(day.unclaimed.values())
    if free:
        by_queue = ", ".join(f"{queue} {count}" for queue, count in day.unclaimed.items())
        lines.append((say("day.unclaimed", count=free, queues=by_queue),))
    lines += [(f"{say('day.away')} ", *when(one, say)) for one in day.absences[:2]]
    if day.quiet:
        lines.append((quiet_line(day.quiet, say),))
    return lines


def _part(key: str, rows: Sequence[Item], say: Speaker) -> list[Item]:
    """A heading with the number, and the first rows; nothing where there is nothing."""
    return [Item((say(key, number=len(rows)),), heading=True), *rows[:ROWS]] if rows else []


def _row(inquiry: Inquiry, detail: Text, say: Speaker) -> Item:
    button = Button(say("button.show"), call("show", inquiry.number, inquiry.version))
    return Item((shorten(title(inquiry, say), TITLE_LENGTH),), detail, button)


def _due_text(inquiry: Inquiry, day: Day, say: Speaker) -> Text:
    assert inquiry.due_at is not None
    key = "digest.was_due" if inquiry.due_at < day.now else "digest.due"
    parts: list[Part] = [*say.text(key, at=say.at(inquiry.due_at))]
    if inquiry.snoozed_until and inquiry.snoozed_until > day.now:
        parts += [" · ", *say.text("day.snoozed", at=say.at(inquiry.snoozed_until))]
    return tuple(parts)


def _waiting_text(inquiry: Inquiry, say: Speaker) -> Text:
    parts: list[Part] = [say(f"status.{inquiry.status}")]
    if inquiry.waiting_for:
        parts[0] = f"{parts[0]}: {shorten(one_line(inquiry.waiting_for), NOTE_LENGTH)}"
    if inquiry.waiting_until:
        parts += [" · ", *say.text("day.until", at=say.at(inquiry.waiting_until))]
    return tuple(parts)


def _reminder_text(one: Reminder, say: Speaker) -> Text:
    note = shorten(one_line(one.note), NOTE_LENGTH)
    return (say.at(one.at), f" · {note}") if note else (say.at(one.at),)


def _due(inquiry: Inquiry) -> tuple[datetime, int]:
    assert inquiry.due_at is not None
    return inquiry.due_at, inquiry.number
