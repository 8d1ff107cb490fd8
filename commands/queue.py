"""Queue: what waits, unclaimed first and the oldest first."""

from datetime import timedelta

from bot.call import Call
from bot.cards.queue_card import PAGE, queue_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.ports import Parked

RECENTLY = timedelta(days=1)
WARNINGS = 3
"""Refused messages that are named; the operator's `doctor` lists them all."""


async def queue(call: Call) -> Answer:
    """One page of the open inquiries, of one queue or of all, with what people should know beside them."""
    name = call.text("queue")
    if name and await call.tx.queues.get(name) is None:
        names = ", ".join(one.name for one in await call.tx.queues.all())
        raise Refusal("refused.no_queue", given=name, names=names)
    page = max(1, call.number("page", 1))
    inquiries, total = await call.tx.inquiries.waiting(name or None, (page - 1) * PAGE, PAGE)
    if not inquiries and total:
        page = -(-total // PAGE)
        inquiries, total = await call.tx.inquiries.waiting(name or None, (page - 1) * PAGE, PAGE)
    return queue_card(inquiries, total, name, page, await _warnings(call), call.say)


async def _warnings(call: Call) -> list[str]:
    parked = await call.tx.outbox.parked(WARNINGS)
    warnings = [_parked(call, one) for one in parked]
    set_aside = await call.tx.mails.set_aside(call.act.at - RECENTLY)
    if set_aside:
        warnings.append(call.say("queue.set_aside", count=set_aside))
    return warnings


def _parked(call: Call, one: Parked) -> str:
    channel = f"{one.place.platform}:{one.place.channel}"
    if one.number is None:
        return call.say("queue.parked_other", channel=channel, why=one.reason)
    return call.say("queue.parked", inquiry=one.number, channel=channel, why=one.reason)


COMMAND = Command("queue", queue, (Option("queue", Kind.QUEUE), Option("page", Kind.NUMBER)), changes=False)
