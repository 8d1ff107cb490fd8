"""SLA: what is promised to which customers, by when a mail would be due, and how an inquiry stands."""

from datetime import datetime

from bot.call import LARGEST, Call
from bot.cards.level_card import level_card
from bot.cards.level_clocks_card import clocks_card, nothing_card
from bot.cards.levels_card import levels_card
from bot.chat.command import Command, Kind, Option, plain_number
from bot.chat.invocation import Answer
from bot.chat.text import one_line, shorten
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.domain.hours import NeverOpen
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Level, Levels
from bot.domain.nudging import moments
from bot.domain.sla import clocks
from bot.domain.when import moment
from bot.level_changes import laid_down, named
from bot.service_levels import facts_of

TYPED_LENGTH = 60


async def sla(call: Call) -> Answer:
    """All policies; or one, with by when a mail of now or of a given moment is due; or an inquiry with its clocks."""
    held = await laid_down(call)
    may_change = call.agent.may(Role.SUPERVISOR)
    if inquiry := await _inquiry(call, held.levels):
        return await _standing(call, inquiry, held.levels)
    if not call.text("policy"):
        if not call.text("at") or not held.levels.levels:
            return levels_card(held.levels, call.number("page", 1), may_change, call.say)
        level = held.levels.levels[0]
    else:
        level = named(held.levels, call.text("policy"))
    at = _moment(call, held.levels, level)
    return level_card(held.levels, level, at or call.act.at, at is None, held.version, may_change, call.say)


async def _inquiry(call: Call, levels: Levels) -> Inquiry | None:
    """The inquiry that is meant, when no policy is: named, by its number alone, or by the thread."""
    given = call.text("policy")
    if not given:
        return await call.inquiry() if call.text("inquiry") else None
    try:
        number = plain_number(given)
    except ValueError:
        return None
    if levels.named(given):
        return None
    found = await call.tx.inquiries.get(number) if 0 < number <= LARGEST else None
    if found is None:
        raise Refusal("refused.no_inquiry", inquiry=number)
    return found


async def _standing(call: Call, inquiry: Inquiry, levels: Levels) -> Answer:
    facts = await facts_of(call.tx, inquiry)
    level = levels.of(facts)
    if level is None:
        return nothing_card(inquiry, bool(levels.levels), call.say)
    hours = levels.hours(level)
    try:
        found = clocks(moments(await call.tx.inquiries.timeline(inquiry.number)), level.policy, hours)
    except NeverOpen:
        found = None
    return clocks_card(inquiry, level, facts, found, level.policy.time(hours), call.act.at, call.say)


def _moment(call: Call, levels: Levels, level: Level) -> datetime | None:
    """The moment that is asked about, by the clocks of the policy's calendar; None: now. Raises Refusal."""
    given = call.text("at")
    if not given:
        return None
    calendar = levels.calendars[level.calendar]
    found = moment(given, call.act.at, calendar.zone, calendar.hours)
    if found is None:
        raise Refusal("when.unknown", given=shorten(one_line(given), TYPED_LENGTH))
    return found


COMMAND = Command(
    "sla",
    sla,
    (
        Option("policy", Kind.LEVEL),
        Option("at", Kind.TEXT, named=True),
        Option("inquiry", Kind.INQUIRY, named=True),
        Option("page", Kind.NUMBER, named=True),
    ),
    changes=False,
)
