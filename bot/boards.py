"""Boards: what they show of the calls that go on, read in a fixed number of statements, however many there are."""

from collections.abc import Mapping

from bot.cards.board_card import PAGE, Talk, board_card, no_board_card
from bot.chat.card import Card
from bot.domain.advice import Advice
from bot.domain.customer import Customer
from bot.domain.inquiry import Inquiry
from bot.domain.phone import PhoneCall
from bot.notices import NoticeKind
from bot.ports import Place, Sending, Transaction
from bot.translator import FALLBACK, Speaker


async def board(tx: Transaction, page: int, region: str, say: Speaker) -> Card:
    """A page of the calls that go on; the last one when there are fewer."""
    talks = await talks_of(tx)
    page = max(1, min(page, -(-len(talks) // PAGE)))
    return board_card(talks[(page - 1) * PAGE : page * PAGE], len(talks), page, region, say)


async def board_message(tx: Transaction, sending: Sending, region: str, say: Speaker) -> tuple[Card, bool]:
    """What a board says, and whether it is shown no longer: taken away, or followed by another one in its place."""
    is_current = sending.key.startswith(f"{NoticeKind.BOARD}:")
    if is_current and sending.place in await tx.phone.boards():
        return await board(tx, 1, region, say), False
    return no_board_card(say), True


async def spoken_at(tx: Transaction, place: Place) -> tuple[str, str]:
    """The language and time zone of a board: of the queue that shows there too, else of the first queue."""
    queues = await tx.queues.all()
    found = next((one for one in queues if place in one.places), queues[0] if queues else None)
    return (found.language, found.time_zone) if found else (FALLBACK, "UTC")


async def talks_of(tx: Transaction) -> list[Talk]:
    """The calls that go on: those whose callers need care first, then those that have lasted longest."""
    calls = [one.call for one in await tx.phone.live()]
    inquiries = await tx.inquiries.all_of({one.inquiry for one in calls if one.inquiry})
    people = await tx.customers.called({one.caller.customer for one in calls if one.caller.customer})
    advice = await tx.advice.of_calls({one.id for one in calls})
    talks = [_talk(one, inquiries.get(one.inquiry or 0), people, advice.get(one.id, [])) for one in calls]
    return sorted(talks, key=lambda talk: (not talk.caution, _began(talk), talk.call.id))


def _talk(call: PhoneCall, inquiry: Inquiry | None, people: Mapping[int, Customer], advice: list[Advice]) -> Talk:
    named = people.get(call.caller.customer or 0)
    customer = named or (inquiry.customer if inquiry else None)
    return Talk(
        call=call,
        name=customer.name if customer else "",
        subject=inquiry.subject if inquiry else "",
        caution=bool(customer and customer.caution),
        advice=max(advice, key=lambda one: (one.at, one.id), default=None),
    )


def _began(talk: Talk) -> float:
    return talk.call.started_at.timestamp() if talk.call.started_at else 0.0
