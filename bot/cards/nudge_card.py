"""What people are reminded of: one inquiry with what can be done about it, or a list of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards.erased_card import erased_card
from bot.cards.inquiry_card import due_name, title
from bot.cards.nudge_buttons import buttons_of, row_button
from bot.cards.queue_card import whose
from bot.chat.card import Button, Card, Item, Tone
from bot.chat.invocation import call
from bot.chat.text import Text, one_line, shorten, words
from bot.domain.inquiry import Inquiry, Status
from bot.domain.nudge import NudgeKind, Rung
from bot.domain.policy import Target
from bot.translator import Speaker

ROWS = 8
"""Inquiries on a list: each is a row with a button."""
QUOTE_LENGTH = 240
"""Characters of the customer's words: a reminder only needs to call them to mind."""
NOW = timedelta(minutes=1)
"""What is due in less, or has been for less, is due now."""
LONG = timedelta(hours=10)
"""From so much time on, minutes say nothing more."""


@dataclass(frozen=True, slots=True)
class NudgeLine:
    """One reminder as it stands now: what it said when it came up `at`, and the inquiry as it has become.

    `left` is how much of the clock's time there is still, in the policy's own time; less than nothing when it is
    overdue, None when nobody knows. `is_over`: there is nothing left to do about it. `text` is the note of a
    follow-up, or the days for which a customer has been silent.
    """

    inquiry: Inquiry
    kind: NudgeKind
    name: str = ""
    target: Target | None = None
    due: datetime | None = None
    at: datetime | None = None
    left: timedelta | None = None
    is_over: bool = False
    text: str = ""


def nudge_card(lines: Sequence[NudgeLine], total: int, to: Rung, now: datetime, say: Speaker) -> Card:
    """The reminders as one message to a place: `lines` are the first of `total`, the most severe first.

    A single one is a card with what can be done; several are rows with one button each, eight at most. Raises
    ValueError when there are no lines.
    """
    if not lines:
        raise ValueError("a nudge speaks of at least one inquiry")
    if total == len(lines) == 1:
        return _single(lines[0], to, now, say)
    return _list(lines[:ROWS], total - sum(line.is_over for line in lines), total - len(lines[:ROWS]), to, now, say)


def _single(line: NudgeLine, to: Rung, now: datetime, say: Speaker) -> Card:
    inquiry = line.inquiry
    if inquiry.erased_at:
        return erased_card(inquiry, say)
    told = words(_words(line, to, now, say, in_short=True))
    return Card(
        title=told,
        tone=_tone(line, now),
        lines=((title(inquiry, say),), whose(inquiry, say), *_due_line(line, say)),
        quote="" if line.is_over else _quote(line),
        is_ours=line.kind is NudgeKind.FOLLOW_UP,
        buttons=buttons_of(inquiry, line.kind, None if line.is_over else to, say),
        summary=f"{told} · {title(inquiry, say)}",
    )


def _list(lines: Sequence[NudgeLine], open_ones: int, left_out: int, to: Rung, now: datetime, say: Speaker) -> Card:
    heading = _heading(open_ones, say)
    tones = {_tone(line, now) for line in lines if not line.is_over}
    tone = next((one for one in (Tone.ALERT, Tone.WAITING) if one in tones), Tone.OPEN)
    return Card(
        title=heading,
        tone=tone if open_ones > 0 else Tone.DONE,
        items=tuple(_item(line, to, now, say) for line in lines),
        buttons=(Button(say("button.queue"), call("queue")),) if left_out else (),
        footer=(say("nudge.more", number=say.number(left_out)),) if left_out else (),
        summary=heading,
    )


def _heading(open_ones: int, say: Speaker) -> str:
    if open_ones <= 0:
        return say("nudge.all_over")
    return say("nudge.one") if open_ones == 1 else say("nudge.several", number=say.number(open_ones))


def _item(line: NudgeLine, to: Rung, now: datetime, say: Speaker) -> Item:
    inquiry = line.inquiry
    if inquiry.erased_at:
        return Item((say("card.erased", inquiry=inquiry.number),))
    holder = inquiry.holder.name if inquiry.holder else say("card.nobody")
    detail: Text = (*_words(line, to, now, say), f" · {holder}")
    return Item((title(inquiry, say),), detail, row_button(inquiry, line.is_over, say))


def _tone(line: NudgeLine, now: datetime) -> Tone:
    if line.is_over:
        return Tone.DONE
    match line.kind:
        case NudgeKind.CLOCK | NudgeKind.SNOOZED if due := _due(line):
            left = due - now if line.left is None else line.left
            return Tone.ALERT if left < NOW else Tone.WAITING
        case NudgeKind.UNTOUCHED | NudgeKind.SILENT | NudgeKind.CLOSING:
            return Tone.WAITING
    return Tone.OPEN


def _quote(line: NudgeLine) -> str:
    if line.kind is NudgeKind.FOLLOW_UP:
        return line.text
    return shorten(one_line(line.inquiry.excerpt), QUOTE_LENGTH) if line.inquiry.readable else ""


def _due_line(line: NudgeLine, say: Speaker) -> tuple[Text, ...]:
    """By when it is due, where the title leaves that out: a line tells times in its reader's zone, a title cannot."""
    at = _due(line)
    if line.is_over or at is None or line.left is None or line.kind not in (NudgeKind.CLOCK, NudgeKind.SNOOZED):
        return ()
    return (say.text("nudge.was_due_at" if line.left < timedelta() else "nudge.due_at", due=say.at(at)),)


def _words(line: NudgeLine, to: Rung, now: datetime, say: Speaker, in_short: bool = False) -> Text:
    """What the reminder says, in one sentence; `in_short` without the moment at which something is due."""
    if line.is_over:
        return _happened(line, to, now, say)
    match line.kind:
        case NudgeKind.CLOCK:
            return _clock(line, now, say, in_short)
        case NudgeKind.SNOOZED if _due(line):
            return (say("nudge.snooze_over"), *_clock(line, now, say, in_short))
        case NudgeKind.SNOOZED:
            return (say("nudge.still_open"),)
        case NudgeKind.UNTOUCHED:
            return (say("nudge.untouched"),)
        case NudgeKind.HAND_BACK:
            return (say("nudge.hand_back"),)
        case NudgeKind.SILENT | NudgeKind.CLOSING:
            key = "nudge.silent" if line.kind is NudgeKind.SILENT else "nudge.closing"
            return (say(key, time=_silence(line, now, say)),)
        case NudgeKind.RESUME:
            return (say("nudge.resumed"),)
        case NudgeKind.FOLLOW_UP:
            return say.text("nudge.follow_up", at=say.at(line.at or now))


def _clock(line: NudgeLine, now: datetime, say: Speaker, in_short: bool) -> Text:
    target, at = due_name(line.target or line.inquiry.due_target, say), _due(line)
    if at is None:
        return (say("nudge.owed", target=target),)
    due = say.at(at)
    if line.left is None:
        return say.text("due.overdue" if at <= now else "due.by", target=target, due=due)
    time = say.duration(_rough(line.left), in_days=False)
    if abs(line.left) < NOW:
        whole, short = "nudge.due_now", "nudge.due_now_in_short"
    elif line.left < timedelta():
        whole, short = "nudge.overdue", "nudge.overdue_in_short"
    else:
        whole, short = "nudge.left", "nudge.left_in_short"
    return (say(short, target=target, time=time),) if in_short else say.text(whole, target=target, time=time, due=due)


def _due(line: NudgeLine) -> datetime | None:
    """When what it speaks of is due; a snooze speaks of whatever is due then."""
    return line.due or (line.inquiry.due_at if line.kind is NudgeKind.SNOOZED else None)


def _rough(left: timedelta) -> timedelta:
    """Long times in whole hours, since nobody plans by the minute then."""
    return timedelta(hours=round(left / timedelta(hours=1))) if abs(left) >= LONG else left


def _silence(line: NudgeLine, now: datetime, say: Speaker) -> str:
    """For how long the customer has said nothing, in whole days."""
    days = int(line.text) if line.text.isdecimal() else (now - (line.inquiry.answered_at or line.at or now)).days
    return say.duration(timedelta(days=max(1, days)))


def _happened(line: NudgeLine, to: Rung, now: datetime, say: Speaker) -> Text:
    """Why nothing is left to do: what has become of the inquiry since."""
    inquiry = line.inquiry
    if inquiry.is_resolved:
        return (say("nudge.over.resolved"),)
    if inquiry.waiting_until and inquiry.status is not Status.OPEN:
        return say.text("nudge.over.waiting", until=say.at(inquiry.waiting_until))
    if inquiry.status is Status.WAITING_ON_CUSTOMER and line.kind not in (NudgeKind.SILENT, NudgeKind.CLOSING):
        return (say("nudge.over.answered"),)
    if inquiry.snoozed_until and inquiry.snoozed_until > now:
        return say.text("nudge.over.snoozed", until=say.at(inquiry.snoozed_until))
    if line.due and inquiry.due_at and inquiry.due_target == (line.target or "") and inquiry.due_at > line.due:
        return say.text("nudge.over.extended", due=say.at(inquiry.due_at))
    if inquiry.holder and to is Rung.TEAM:
        return (say("nudge.over.claimed", holder=inquiry.holder.name),)
    if inquiry.holder:
        return (say("nudge.over.held", holder=inquiry.holder.name),)
    return (say("nudge.over.released"),)
