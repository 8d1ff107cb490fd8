"""Escalating: what is written down for whoever shall help, and where they are told of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.advisers import expert_at
from bot.call import Call
from bot.chat.text import one_line, shorten
from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal
from bot.domain.escalation import Escalation, For, Post, Urgency
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Escalations
from bot.ports import Contact, Place, Transaction

WRITTEN_LENGTH, SUBJECT_LENGTH, ANSWER_LENGTH = 1200, 120, 120
"""Characters of the customer's last message, of subjects, and of what they were told before."""
EARLIER = 3
"""Earlier contacts that are named."""
SUPERVISORS = "supervisors"
_TOPIC, _PERSON = "topic:", "agent:"


@dataclass(frozen=True, slots=True)
class Route:
    """Who is asked: `topic` is a topic or a person, empty for the supervisors; `posts` are where they are told.

    `names` says who that is. `lost`: the expert of the topic is nowhere to be found, and supervisors are asked instead.
    """

    topic: str
    place: Place | None
    posts: tuple[Post, ...]
    names: str = ""
    lost: str = ""


def to_topic(topic: str) -> str:
    """How a form names the experts of a topic."""
    return _TOPIC + topic


def to_person(agent: Agent) -> str:
    """How a form names somebody of the team."""
    return f"{_PERSON}{agent.id}"


async def asked_for(call: Call) -> Escalation:
    """The escalation that a call names. Raises Refusal when there is none."""
    id_ = call.number("escalation", 0)
    found = await call.tx.escalations.get(id_) if id_ > 0 else None
    if found is None:
        raise Refusal("escalate.unknown", escalation=id_)
    return found


async def route(
    tx: Transaction, laid_down: Escalations, to: str, urgency: Urgency, asker: Agent, hop: int = 0
) -> Route:
    """Who is asked, as a form names them ("" and SUPERVISORS: the supervisors).

    Whom the urgency concerns: from SOON on, the supervisors hear of it too, by direct message. Raises Refusal for
    somebody unknown, for the asker themself, and when nobody is left to be asked.
    """
    topic, place, lost = "", None, ""
    team = [one for one in await tx.agents.all() if one.id != asker.id]
    supervisors = [one for one in team if one.role is Role.SUPERVISOR]
    if to.startswith(_PERSON):
        person = await _person(tx, to)
        if person.id == asker.id:
            raise Refusal("escalate.yourself")
        topic, place = person.name, (await tx.escalations.directly([person.id])).get(person.id)
    elif to.startswith(_TOPIC):
        topic = to.removeprefix(_TOPIC)
        expert = laid_down.experts.get(topic)
        if expert is None:
            raise Refusal("escalate.topic", given=shorten(one_line(topic), 40))
        place = await expert_at(tx, expert, asker)
        lost = "" if place else expert
    elif to not in ("", SUPERVISORS):
        raise Refusal("escalate.topic", given=shorten(one_line(to), 40))
    places = [place] if place else []
    if not place or urgency is not Urgency.NORMAL:
        directly = await tx.escalations.directly([one.id for one in supervisors])
        places += [directly[one.id] for one in supervisors if one.id in directly]
    if not places:
        raise Refusal("escalate.nobody")
    posts = [Post(For.HELPERS, one.platform, one.channel, hop) for one in dict.fromkeys(places)]
    topic = topic if place else ""
    return Route(topic, place, tuple(posts), topic or ", ".join(one.name for one in supervisors), lost)


async def post_to(tx: Transaction, one: Escalation, of: For) -> list[Post]:
    """The message by which its asker hears of it; none when they are on no platform any more."""
    directly = await tx.escalations.directly([one.asker.id])
    return [Post(of, at.platform, at.channel, one.hops) for at in directly.values()]


async def content(call: Call, inquiry: Inquiry) -> str:
    """What the record tells: the customer, what they want, who has it since when, and what was before.

    In the asker's language, with the days of all times, since it is read later.
    """
    say, customer = call.say, inquiry.customer
    earlier, total = await call.tx.histories.contacts(customer.id, 0, EARLIER + 1)
    others = [one for one in earlier if one.inquiry.number != inquiry.number][:EARLIER]
    subject = shorten(one_line(inquiry.subject), SUBJECT_LENGTH)
    lines = [
        say("escalation.customer", customer=_customer(inquiry) or say("card.unknown_customer")),
        say("escalation.subject", inquiry=inquiry.number, subject=subject or say("card.no_subject")),
        await _written(call, inquiry),
        _holder(call, inquiry),
    ]
    if inquiry.due_at:
        lines.append(say("escalation.due", at=_dated(call, inquiry.due_at)))
    if others:
        lines.append(say("escalation.earlier", number=total - 1))
        lines += [_contact(call, one) for one in others]
    else:
        lines.append(say("escalation.first"))
    if any(one.time_zone != say.time_zone for one in await call.tx.agents.all()):
        lines.append(say("escalation.zone", zone=say.time_zone))
    return "\n".join(filter(None, lines))


def _customer(inquiry: Inquiry) -> str:
    name, address = one_line(inquiry.customer.name), one_line(inquiry.customer.address)
    return " · ".join(dict.fromkeys(filter(None, (name, address))))


async def _written(call: Call, inquiry: Inquiry) -> str:
    """What the customer wrote last."""
    letters = [one for one in await call.tx.inquiries.letters(inquiry.number) if not one.outgoing]
    if not letters:
        return ""
    said = letters[-1].message
    text = shorten((said.reply_text or said.text).strip(), WRITTEN_LENGTH)
    return call.say("escalation.written", at=_dated(call, letters[-1].at), text=text)


def _holder(call: Call, inquiry: Inquiry) -> str:
    if inquiry.holder and inquiry.held_since:
        return call.say("escalation.holder", holder=inquiry.holder.name, since=_dated(call, inquiry.held_since))
    return call.say("escalation.unclaimed")


def _contact(call: Call, one: Contact) -> str:
    inquiry, answer = one.inquiry, shorten(one_line(one.answer), ANSWER_LENGTH)
    subject, status = shorten(one_line(inquiry.subject), SUBJECT_LENGTH), call.say(f"status.{inquiry.status}")
    told = call.say("escalation.contact", inquiry=inquiry.number, subject=subject, status=status)
    return call.say("escalation.contact_answered", contact=told, answer=answer) if answer else told


def _dated(call: Call, time: datetime) -> str:
    """A time with its day: the hour alone would be another one's tomorrow."""
    return replace(call.say, now=time + timedelta(days=2)).clock(time)


async def _person(tx: Transaction, to: str) -> Agent:
    team = {to_person(one): one for one in await tx.agents.all()}
    if to not in team:
        raise Refusal("escalate.topic", given=shorten(one_line(to), 40))
    return team[to]
