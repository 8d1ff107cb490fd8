"""Snooze: not now; nobody is reminded of it for a while, though its clocks go on."""

import unicodedata
from datetime import datetime, timedelta

from bot.appointments import appointed, next_opening
from bot.call import Call
from bot.chat.card import Button, Card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.care import snooze as put_off
from bot.domain.inquiry import Inquiry

TOMORROW = "tomorrow"
TIMES = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1)}


async def snooze(call: Call) -> Answer:
    """Put reminders off: for a quarter of an hour, an hour, until the next business day, or as typed."""
    inquiry = await call.inquiry()
    until = await _until(call, inquiry)
    change = put_off(inquiry, until, call.act)
    await call.tx.inquiries.save(change)
    text = call.say("snooze.done", inquiry=inquiry.number)
    return Card(
        title=text,
        lines=(call.say.text("snooze.until", until=call.say.at(until)),),
        buttons=(Button(call.say("button.wait"), pressing("wait", inquiry.number, change.after.version)),),
        summary=text,
    )


async def _until(call: Call, inquiry: Inquiry) -> datetime:
    given = unicodedata.normalize("NFKC", call.text("time")).casefold()
    if given in TIMES:
        return call.act.at + TIMES[given]
    if given in (TOMORROW, "明日"):
        return await next_opening(call, inquiry)
    return await appointed(call, "time", inquiry)


COMMAND = Command(
    "snooze",
    snooze,
    (
        Option("inquiry", Kind.INQUIRY, required=True),
        Option("time", Kind.CHOICE, required=True, choices=(*TIMES, TOMORROW)),
    ),
)
