"""Advice withdraw: take back what was whispered, before it is delivered."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.advice import AdviceState, Objection, Receipt, Token
from bot.domain.errors import Refusal


async def advice_withdraw(call: Call) -> Answer:
    """It is shown to nobody any more; what is withdrawn stays so."""
    one = await call.tx.advice.get(call.number("advice", 0))
    if one is None:
        raise Refusal("advice.gone", given=call.text("advice"))
    await call.tx.phone.lock(one.to.id)
    one = await call.tx.advice.get(one.id) or one
    match one.objection(Token.WITHDRAWN, call.agent):
        case Objection.NOT_THEIRS:
            raise Refusal("advice.not_sender")
        case Objection.SEEN:
            raise Refusal("advice.seen_already", person=one.to.name)
        case Objection.DELIVERED:
            raise Refusal("advice.delivered_already", person=one.to.name)
    if one.state is not AdviceState.WITHDRAWN:
        await call.tx.advice.tell(one.id, Receipt(Token.WITHDRAWN, call.act.at))
    return word(call.say("advice.withdrawn", person=one.to.name))


COMMAND = Command("advice_withdraw", advice_withdraw, (Option("advice", Kind.NUMBER, required=True),))
