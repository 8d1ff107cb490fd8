"""Pass an escalation on: ask the experts of another topic, the supervisors, or one person instead."""

from bot.call import Call
from bot.cards.escalation_card import to_whom
from bot.cards.escalation_forms import pass_form
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.domain.escalation import Escalation
from bot.domain.events import EventKind
from bot.domain.levels import Escalations
from bot.escalating import SUPERVISORS, asked_for, route, to_person, to_topic
from bot.service_levels import levels_of

LISTED = 25
"""Choices that a form lists, as many as Discord takes."""


async def escalate_pass(call: Call) -> Answer:
    """It moves to the new place, and the old one says where it went."""
    before = await asked_for(call)
    before.must_be_passable(call.agent)
    laid_down = (await levels_of(call.tx)).escalations
    to = call.text("expert")
    if not to:
        return pass_form(before, await _choices(call, before, laid_down), call.say)
    if not to.partition(":")[1] and to != SUPERVISORS:
        to = to_topic(to) if to in laid_down.experts else to_person(await call.person("expert"))
    hop = before.hops + 1
    found = await route(call.tx, laid_down, to, before.urgency, before.asker, hop)
    place = found.place
    after = before.pass_on(
        found.topic, place.platform if place else "", place.channel if place else "", call.agent
    ).telling(found.posts)
    inquiry = await call.tx.inquiries.get(before.number)
    if inquiry is None:
        raise Refusal("refused.no_inquiry", inquiry=before.number)
    details: dict[str, object] = {"to": found.names, "help": after.help.value, "urgency": after.urgency.value}
    await call.tx.inquiries.save(inquiry.changed(call.act, EventKind.ESCALATED, details))
    await call.tx.escalations.save(before, after)  # the inquiry first, as whoever resolves it does
    return word(call.say("escalation.passed", to=to_whom(after, call.say), inquiry=after.number), Tone.OPEN)


async def _choices(call: Call, one: Escalation, laid_down: Escalations) -> dict[str, str]:
    """Whom one may ask, by how the form names them."""
    topics = {to_topic(each): each for each in laid_down.experts if each != one.topic}
    others = {to_person(each): each.name for each in await call.tx.agents.all() if each.id != one.asker.id}
    listed = {**topics, SUPERVISORS: call.say("escalation.supervisors"), **others}
    return dict(list(listed.items())[:LISTED])


COMMAND = Command(
    "escalate_pass",
    escalate_pass,
    (Option("escalation", Kind.NUMBER, required=True), Option("expert", Kind.TEXT)),
)
