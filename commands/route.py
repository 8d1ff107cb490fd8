"""Route: show a queue's cards in the channel where this is typed, or no longer."""

import re

from bot.call import Call
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.domain.errors import Refusal

SHOW, HIDE = "show", "hide"
NAME = re.compile(r"[\w-]{1,40}")


async def route(call: Call) -> Answer:
    """Add or take away a channel of a queue; a queue that is not there yet is made."""
    name, wish = call.text("queue"), call.text("what") or SHOW
    if not NAME.fullmatch(name):
        raise Refusal("route.name", given=name)
    if wish not in (SHOW, HIDE):
        raise Refusal("route.what", given=wish)
    if wish == HIDE:
        done = await call.tx.queues.hide(name, call.place)
    else:
        await call.tx.queues.add(name, call.agent.language, call.agent.time_zone)
        done = await call.tx.queues.show(name, call.place)
    return word(call.say(f"route.{wish}" if done else f"route.{wish}_already", queue=name))


COMMAND = Command(
    "route",
    route,
    (Option("queue", Kind.QUEUE, required=True), Option("what", Kind.CHOICE, choices=(SHOW, HIDE))),
    role=Role.SUPERVISOR,
)
