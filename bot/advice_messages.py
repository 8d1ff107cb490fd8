"""Advice as messages: what brings it to its reader, and what shows its sender what became of it."""

from dataclasses import dataclass

from bot.cards.advice_card import advice_card
from bot.cards.receipts_card import Sent, receipts_card
from bot.chat.card import Card
from bot.domain.advice import AdviceState
from bot.domain.agent import Agent
from bot.ports import Refused, Sending, Transaction
from bot.translator import Speaker


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message by the state of this moment. `is_last`: it is of no use any more, and is posted nowhere."""

    card: Card
    is_last: bool


async def advice_message(tx: Transaction, sending: Sending, reader: Agent, say: Speaker) -> Drawn:
    """What is whispered; what was withdrawn meanwhile is left out. Raises Refused when it brings nothing."""
    pieces = await tx.advice.pieces(sending.id)
    if not pieces:
        raise Refused("the advice is gone")
    call = await tx.phone.get(pieces[0].call) if pieces[0].call is not None else None
    is_over = all(one.state is AdviceState.WITHDRAWN for one in pieces)
    card = advice_card(pieces, call is not None and call.is_live, say)
    return Drawn(card, is_over or reader.role is None)


async def receipts_message(tx: Transaction, sending: Sending, reader: Agent, say: Speaker) -> Drawn:
    """What became of the advice of one sender in one call, or of a note; the notice's version is one of the pieces."""
    one = await tx.advice.get(sending.version)
    if one is None:
        raise Refused("the advice is gone")
    pieces, is_live = [one], False
    if one.call is not None:
        call = await tx.phone.get(one.call)
        is_live = call is not None and call.is_live
        pieces = [each for each in await tx.advice.of_call(one.call) if each.sender == one.sender]
    ways = await tx.advice.ways([each.id for each in pieces if each.state is AdviceState.QUEUED])
    sent = Sent(
        to=one.to,
        pieces=pieces,
        call=one.call,
        is_live=is_live,
        waits={id_: way.wait for id_, way in ways.items()},
        refused={id_ for id_, way in ways.items() if way.is_refused},
    )
    return Drawn(receipts_card(sent, say), reader.role is None)
