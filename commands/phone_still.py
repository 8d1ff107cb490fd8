"""Still on the phone: the agent answers that a call goes on."""

from bot.call import Call
from bot.callers import caller_of
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.phone_calls import idle_card, meant_call, over_card
from bot.phone_desk import still


async def phone_still(call: Call) -> Answer:
    """Note that they talk still; also of a call that was taken for forgotten. What somebody ended stays over."""
    one = await meant_call(call)
    if one is None:
        return idle_card(call)
    if one.agent.id != call.agent.id:
        raise Refusal("phone.not_yours", person=one.agent.name)
    after = await still(call.tx, one, call.act)
    if not after.is_live:
        return await over_card(call, after)
    view = await caller_of(call.tx, after, call.region, fitting=False)
    return word(call.say("phone.goes_on", caller=view.called(call.say)))


COMMAND = Command("phone_still", phone_still, (Option("call", Kind.NUMBER, named=True),))
