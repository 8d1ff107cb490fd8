"""Messages of help: what calls for advice, and word of advice that stays unread, say when they are drawn."""

from bot.callers import caller_of
from bot.cards.caller import CallerView
from bot.cards.help_card import HelpView, help_card
from bot.cards.unread_card import is_still_unread, unread_card
from bot.chat.card import Card
from bot.domain.phone import PhoneCall
from bot.notices import NoticeKind
from bot.ports import Refused, Sending, Transaction
from bot.translator import Speaker

KINDS = (NoticeKind.HELP, NoticeKind.UNREAD)


async def help_message(tx: Transaction, sending: Sending, region: str, say: Speaker) -> tuple[Card, bool]:
    """What the message says, and whether it is of no use to anybody whom it has not reached by now.

    Whom it is about stands in its tag: "help12", "unread30". Raises Refused when that is gone.
    """
    return await (_help if sending.kind is NoticeKind.HELP else _unread)(tx, sending, region, say)


async def language_at(tx: Transaction, sending: Sending) -> tuple[str, str]:
    """The language and time zone of a channel that is asked for advice: of the inquiry's queue, else of the asker."""
    inquiry = await tx.inquiries.get(sending.number) if sending.number else None
    if queue := await tx.queues.get(inquiry.queue) if inquiry else None:
        return queue.language, queue.time_zone
    request = await tx.help_requests.get(_told_of(sending))
    if request is None:
        raise Refused("the request is gone")
    return request.asker.language, request.asker.time_zone


def _told_of(sending: Sending) -> int:
    return int(sending.key.partition(":")[0].removeprefix(sending.kind.value))


async def _help(tx: Transaction, sending: Sending, region: str, say: Speaker) -> tuple[Card, bool]:
    request = await tx.help_requests.get(_told_of(sending))
    if request is None:
        raise Refused("the request is gone")
    call, caller = await _talk(tx, request.call, region)
    view = HelpView(request, call, caller, sending.place.channel.startswith("@"), region)
    return help_card(view, say), not (request.is_open and call.is_live) or _is_erased(caller)


async def _unread(tx: Transaction, sending: Sending, region: str, say: Speaker) -> tuple[Card, bool]:
    advice = await tx.advice.get(_told_of(sending))
    if advice is None or advice.call is None:
        raise Refused("the advice is gone")
    call, caller = await _talk(tx, advice.call, region)
    return unread_card(advice, call, caller, region, say), not is_still_unread(advice, call) or _is_erased(caller)


async def _talk(tx: Transaction, id_: int, region: str) -> tuple[PhoneCall, CallerView]:
    call = await tx.phone.get(id_)
    if call is None:
        raise Refused("the call is gone")
    return call, await caller_of(tx, call, region, fitting=False)


def _is_erased(caller: CallerView) -> bool:
    return caller.inquiry is not None and caller.inquiry.erased_at is not None
