"""Digest: how a queue stands at this moment, as the channels are told morning and evening."""

from bot.call import Call, Missing
from bot.cards.digest_card import URGENT, digest_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.digests import figures_of
from bot.domain.digest import Digest
from bot.domain.errors import Refusal
from bot.ports import Queue
from bot.service_levels import levels_of


async def digest(call: Call) -> Answer:
    """The queue that is named, or that of the channel; compared with the last digest."""
    queue = await _queue(call)
    calendar = (await levels_of(call.tx)).calendar_of(queue.name)
    now = call.act.at
    before = await call.tx.digests.newest(queue.name)
    figures = await figures_of(call.tx, queue.name, calendar.zone if calendar else call.say.time_zone, now, before)
    urgent = await call.tx.digests.urgent(queue.name, URGENT)
    return digest_card(Digest(queue.name, None, now, figures), before, urgent, call.say)


async def _queue(call: Call) -> Queue:
    """Raises Missing when several may be meant."""
    queues = await call.tx.queues.all()
    if name := call.text("queue"):
        named = next((one for one in queues if one.name == name), None)
        if named is None:
            raise Refusal("refused.no_queue", given=name, names=", ".join(one.name for one in queues))
        return named
    here = [one for one in queues if call.place in one.places] or queues
    if len(here) != 1:
        raise Missing("queue")
    return here[0]


COMMAND = Command("digest", digest, (Option("queue", Kind.QUEUE),), changes=False)
