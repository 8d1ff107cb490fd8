"""Retry: send again what a platform refused, once the cause is mended."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command
from bot.chat.invocation import Answer
from bot.domain.agent import Role


async def retry(call: Call) -> Answer:
    """Give every refused notice another try."""
    count = await call.tx.outbox.retry_refused()
    if count == 0:
        return word(call.say("retry.nothing"), Tone.DONE)
    return word(call.say("retry.done", count=count), Tone.OPEN)


COMMAND = Command("retry", retry, role=Role.SUPERVISOR)
