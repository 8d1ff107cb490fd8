"""Link: let two handles of one person, on one platform or two, be one agent with one set of claims."""

import secrets
from datetime import timedelta

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal

LASTS = timedelta(minutes=10)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look alike."""
LENGTH = 10


async def link(call: Call) -> Answer:
    """Without a code, give one to type elsewhere; with a code, become the same agent as whoever got it."""
    asker = call.invocation.profiles.get(call.handle.user)
    if asker and not asker.may_join:
        raise Refusal("refused.guest")
    code = call.text("code").upper()
    if not code:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        await call.tx.agents.offer_link(call.agent.id, code, call.act.at + LASTS)
        return word(call.say("link.code", code=code, minutes=LASTS.seconds // 60), Tone.OPEN)
    owner = await call.tx.agents.take_link(code, call.act.at)
    if owner is None or owner.role is None:
        raise Refusal("link.unknown")
    here = await call.tx.agents.by_handle(call.handle)
    if here and here.id == owner.id:
        raise Refusal("link.same")
    joined = await call.tx.agents.join(owner, call.handle, here)
    return word(call.say("link.done", person=joined.name), Tone.DONE)


COMMAND = Command("link", link, (Option("code", Kind.WORD),), role=None)
