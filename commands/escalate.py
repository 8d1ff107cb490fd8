"""Escalate: ask experts or supervisors for help with an inquiry; the form is filled from the record."""

from bot.call import Call
from bot.cards.escalation_card import Told, asked_card
from bot.cards.escalation_forms import NO_CRITERION, ask_form, value_of, wanted
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.escalation import Escalation
from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Escalations
from bot.escalating import SUPERVISORS, content, route, to_topic
from bot.service_levels import levels_of

CONTENT_LENGTH, TRIED_LENGTH = 3000, 1000
"""Characters that a card shows whole, as far as the platform can."""


async def escalate(call: Call) -> Answer:
    """Tell whoever shall help, as soon as the form says what is wanted; the timeline keeps that it was asked."""
    inquiry = await call.inquiry()
    inquiry.must_not_be_resolved()
    laid_down = (await levels_of(call.tx)).escalations
    asked = wanted(call.options)
    if asked is None or not call.text("content"):
        return await _form(call, inquiry, laid_down)
    help_, urgency = asked
    found = await route(call.tx, laid_down, call.text("expert"), urgency, call.agent)
    escalation = Escalation(
        number=inquiry.number,
        at=call.act.at,
        asker=call.agent,
        help=help_,
        urgency=urgency,
        content=call.text("content")[:CONTENT_LENGTH],
        tried=call.text("tried")[:TRIED_LENGTH],
        criterion=_criterion(call, laid_down),
        topic=found.topic,
        platform=found.place.platform if found.place else "",
        channel=found.place.channel if found.place else "",
        posts=found.posts,
    )
    kept = await call.tx.escalations.ask(escalation)
    details: dict[str, object] = {"to": found.names, "help": help_.value, "urgency": urgency.value}
    await call.tx.inquiries.save(inquiry.changed(call.act, EventKind.ESCALATED, details))
    return asked_card(Told(kept, inquiry, laid_down.call), found.lost, call.say)


async def _form(call: Call, inquiry: Inquiry, laid_down: Escalations) -> Answer:
    typed = dict(call.options)
    typed["content"] = typed.get("content") or await content(call, inquiry)
    topics = {to_topic(one): one for one in laid_down.experts}
    if topics:
        topics[SUPERVISORS] = call.say("escalation.supervisors")
    waiting = await call.tx.escalations.of_inquiry(inquiry.number)
    return ask_form(inquiry, typed, laid_down, topics, waiting, call.say)


def _criterion(call: Call, laid_down: Escalations) -> str:
    """The criterion that was checked, whole; one that has been changed meanwhile as it was shown."""
    given = call.text("criterion")
    if given in ("", NO_CRITERION):
        return ""
    return next((one for one in laid_down.criteria if given in (one, value_of(one))), given[:TRIED_LENGTH])


COMMAND = Command("escalate", escalate, (Option("inquiry", Kind.INQUIRY, required=True),))
