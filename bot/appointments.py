"""Appointments: moments that people name in a command, read by their clocks and by the calendar of the queue."""

from datetime import datetime, timedelta

from bot.call import Call
from bot.chat.text import shorten
from bot.domain.errors import Refusal
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Calendar
from bot.domain.when import moment
from bot.service_levels import levels_of

FARTHEST = timedelta(days=366)
"""How far ahead anything is put off: what is farther was mistyped, or will be forgotten."""
GIVEN_LENGTH = 40
"""Characters of what was typed that are said again."""


async def appointed(call: Call, name: str, inquiry: Inquiry) -> datetime:
    """The moment that an option names, to come, by the clocks of who asks; a day is its opening by the queue's.

    Raises Refusal when it says no time, or one that is over, or more than a year away.
    """
    given = call.text(name)
    calendar = await _calendar(call, inquiry)
    at = moment(given, call.act.at, call.say.time_zone, calendar.hours if calendar else None)
    if at is None:
        raise Refusal("when.unknown", given=shorten(given, GIVEN_LENGTH))
    if at <= call.act.at:
        raise Refusal("when.past")
    if at > call.act.at + FARTHEST:
        raise Refusal("when.far")
    return at


async def next_opening(call: Call, inquiry: Inquiry) -> datetime:
    """When the queue opens on its next business day; at nine tomorrow when nobody said when it works."""
    calendar = await _calendar(call, inquiry)
    queue = await call.tx.queues.get(inquiry.queue)
    zone = calendar.hours.zone if calendar else queue.time_zone if queue else call.say.time_zone
    at = moment("tomorrow", call.act.at, zone, calendar.hours if calendar else None)
    assert at is not None
    return at


async def _calendar(call: Call, inquiry: Inquiry) -> Calendar | None:
    return (await levels_of(call.tx)).calendar_of(inquiry.queue)
