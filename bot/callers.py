"""Callers: what is known of somebody on the phone, read for the cards that tell of a call."""

from dataclasses import replace

from bot.cards.caller import CallerView, FittingText
from bot.domain.customer import Person
from bot.domain.identity import spoken_phone
from bot.domain.inquiry import Inquiry
from bot.domain.phone import PhoneCall
from bot.ports import Transaction

__all__ = ["CALLS", "CONTACTS", "TEXTS", "CallerView", "FittingText", "caller_of"]

CONTACTS, CALLS, TEXTS = 3, 20, 3
"""Other inquiries, earlier calls and fitting texts that are shown: a call leaves no time for more."""
WORDS_LENGTH = 600
"""Characters by which texts are sought that fit."""


async def caller_of(tx: Transaction, call: PhoneCall, region: str, fitting: bool = True) -> CallerView:
    """Whom a call is with. Without `fitting`, only who they are and what it is about: no contacts, calls and texts.

    `region` is where phone numbers are spoken without a country's code ("JP").
    """
    inquiry = await tx.inquiries.get(call.inquiry) if call.inquiry else None
    whose = call.caller.customer or (inquiry.customer.id if inquiry else None)
    person = await tx.customers.person(whose) if whose else None
    number = call.caller.number
    view = CallerView(
        name=person.name if person and person.name != number else "",
        number=number,
        spoken=spoken_phone(number, region) if number else "",
        customer=person.id if person else None,
        caution=person.caution if person else "",
        inquiry=inquiry,
    )
    return await _whole(tx, call, view, person) if fitting else view


async def _whole(tx: Transaction, call: PhoneCall, view: CallerView, person: Person | None) -> CallerView:
    if person:
        contacts, _ = await tx.histories.contacts(person.id, 0, CONTACTS + 1)
        others = [(one.inquiry, one.answer) for one in contacts if one.inquiry.number != call.inquiry]
        calls = await tx.phone.of_person(person.id, CALLS + 1)
        earlier = [one for one in calls if one.id != call.id and one.length is not None]
        view = replace(view, contacts=tuple(others[:CONTACTS]), calls=tuple(earlier[:CALLS]))
    if view.inquiry and not view.inquiry.erased_at:
        view = replace(view, texts=await _fitting(tx, view.inquiry, person, call.agent.language))
    return view


async def _fitting(tx: Transaction, inquiry: Inquiry, person: Person | None, spoken: str) -> tuple[FittingText, ...]:
    """The team's texts that fit what the call is about, in the customer's language, else the queue's."""
    queue = await tx.queues.get(inquiry.queue)
    language = (person.language if person else "") or (queue.language if queue else spoken)
    about = " ".join(inquiry.subject.split())
    words = f"{about}\n{inquiry.excerpt}"[:WORDS_LENGTH]
    found = await tx.search.fitting(words, language, TEXTS) if words.strip() else []
    return tuple(FittingText(one.kind.value, one.ref, one.title, one.text) for one in found)
