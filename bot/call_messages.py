"""The messages that an agent gets about a phone call of theirs, by the state of the moment in which they are drawn."""

import re
from datetime import UTC, datetime

from bot.callers import caller_of
from bot.cards.call_card import call_card
from bot.cards.call_check_card import call_check_card
from bot.cards.erased_card import erased_card
from bot.chat.card import Card
from bot.domain.advice import Advice
from bot.domain.phone import PhoneCall
from bot.notices import NoticeKind
from bot.ports import Refused, Sending, Transaction
from bot.translator import Speaker

_TAG = re.compile(r"(?:call|check)([0-9]+)(?:\.([0-9]+))?:")
"""How the keys of CALL ("call7:") and CALL_CHECK ("check7.1775000000:", with when it was asked) begin."""


async def call_message(tx: Transaction, sending: Sending, say: Speaker, region: str) -> tuple[Card, bool]:
    """The card of a CALL or a CALL_CHECK, and whether it is of no use where it does not stand yet.

    Raises Refused when the call is gone. `region` is where phone numbers are spoken without a country's code.
    """
    found = _TAG.match(sending.key)
    call = await tx.phone.get(int(found[1])) if found else None
    if found is None or call is None:
        raise Refused("the call is gone")
    is_check = sending.kind is NoticeKind.CALL_CHECK
    view = await caller_of(tx, call, region, fitting=call.is_live and not is_check)
    if view.inquiry and view.inquiry.erased_at:
        return erased_card(view.inquiry, say), True
    if is_check:
        asked_at = datetime.fromtimestamp(int(found[2] or 0), UTC)
        is_answered = call.alive_at is not None and call.alive_at > asked_at
        return call_check_card(call, view, is_answered, say), is_answered or not call.is_live
    return call_card(call, view, await learnt(tx, call), say), call.started_at is None


async def learnt(tx: Transaction, call: PhoneCall) -> list[Advice]:
    """What was whispered in a call that is over, was used, and is no article yet."""
    if call.is_live:
        return []
    worked = [one for one in await tx.advice.of_call(call.id) if one.is_know_how]
    return [one for one in worked if await tx.articles.of_advice(one.id) is None]
