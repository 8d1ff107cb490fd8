"""Extend: a supervisor gives more time for what was promised, with the reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.call import Call
from bot.cards.inquiry_card import due_name
from bot.chat.card import Card, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import Text, one_line, shorten
from bot.domain.agent import Role
from bot.domain.care import extend as prolong
from bot.domain.errors import Refusal
from bot.domain.events import Event
from bot.domain.hours import BusinessHours, NeverOpen
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Level
from bot.domain.nudging import moments
from bot.domain.policy import Target
from bot.domain.sla import Clock, clocks
from bot.domain.when import amount
from bot.service_levels import level_of

REASON_LENGTH = 500
MINUTE = timedelta(minutes=1)
LONGEST = timedelta(days=366)


async def extend(call: Call) -> Answer:
    """More of the team's time for the clock that is due first, or the one that is named; it is due later then."""
    inquiry = await call.inquiry()
    inquiry.must_not_be_resolved()
    more = amount(call.text("amount"))
    if more is None or more > LONGEST:
        raise Refusal("when.amount", given=shorten(call.text("amount"), 40))
    found = await level_of(call.tx, inquiry)
    events = await call.tx.inquiries.timeline(inquiry.number)
    clock = _clock(call, inquiry, found, events)
    assert found is not None
    change = prolong(inquiry, clock.target, more, one_line(call.text("reason"))[:REASON_LENGTH], call.act)
    due = next(one.due for one in _open(found, [*events, change.event]) if one.target is clock.target)
    if due and due <= call.act.at:
        level, hours = found
        least = MINUTE - clock.left(call.act.at, level.policy.time(hours))
        raise Refusal(
            "extend.too_short",
            number=inquiry.number,
            inquiry=inquiry.number,
            least=call.say.duration(least, in_days=level.policy.urgent),
        )
    await call.tx.inquiries.save(change)
    text = call.say("extend.done", inquiry=inquiry.number)
    return Card(title=text, tone=Tone.OPEN, lines=(_then(call, clock.target, due),), summary=text)


def _clock(call: Call, inquiry: Inquiry, found: tuple[Level, BusinessHours] | None, events: Sequence[Event]) -> Clock:
    """The clock that is meant. Raises Refusal when none runs that could be given more."""
    wanted = call.text("target").casefold()
    if wanted and wanted not in set(Target):
        raise Refusal("extend.target", given=shorten(wanted, 40))
    running = [one for one in _open(found, events) if wanted in ("", one.target)]
    if not running:
        raise Refusal("extend.nothing", number=inquiry.number, inquiry=inquiry.number)
    return min(running, key=lambda one: (one.due is None, one.due or one.started_at))


def _open(found: tuple[Level, BusinessHours] | None, events: Sequence[Event]) -> tuple[Clock, ...]:
    if found is None:
        return ()
    level, hours = found
    try:
        return clocks(moments(events), level.policy, hours).open
    except NeverOpen:
        return ()


def _then(call: Call, target: Target, due: datetime | None) -> Text:
    name = due_name(target, call.say)
    if due is None:
        return (call.say("extend.standing", target=name),)
    return call.say.text("extend.due", target=name, due=call.say.at(due))


COMMAND = Command(
    "extend",
    extend,
    (
        Option("inquiry", Kind.INQUIRY, required=True),
        Option("amount", Kind.WORD, required=True),
        Option("reason", Kind.TEXT, required=True, is_line=True),
        Option("target", Kind.CHOICE, choices=tuple(Target), named=True),
    ),
    role=Role.SUPERVISOR,
)
