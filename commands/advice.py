"""Advice: what its reader tells of a piece that was whispered to them, by one press."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.advice import READ, Receipt, Token
from bot.domain.errors import Refusal

AFTERWARDS = (Token.USED, Token.HELPED)
"""What is offered as an article once the call is over."""


async def advice(call: Call) -> Answer:
    """Seen, used, helped, or not now; told twice it is told once. After the call too."""
    one = await call.tx.advice.get(call.number("advice", 0))
    if one is None:
        raise Refusal("advice.gone", given=call.text("advice"))
    token = next((each for each in READ if each.value == call.text("token")), None)
    if token is None:
        raise Refusal("advice.unknown", given=call.text("token"))
    if one.objection(token, call.agent):
        raise Refusal("advice.not_yours", person=one.to.name)
    await call.tx.advice.tell(one.id, Receipt(token, call.act.at))
    of = await call.tx.phone.get(one.call) if one.call is not None and token in AFTERWARDS else None
    if of and not of.is_live:
        await call.tx.phone.say(of)
    return word(call.say(f"advice.told.{token}"))


COMMAND = Command(
    "advice",
    advice,
    (
        Option("advice", Kind.NUMBER, required=True),
        Option("token", Kind.CHOICE, required=True, choices=tuple(one.value for one in READ)),
    ),
)
