"""Absence: when somebody of the team is away; what they hold then goes to the team as it falls due."""

from bot.call import Call
from bot.cards.absence_card import absences_card, end_button, when
from bot.cards.word import word
from bot.chat.card import Card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import one_line, shorten, words
from bot.domain.absence import REASON_LENGTH
from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal
from bot.domain.leave import leave
from bot.translator import known_zone

LISTED = 20
"""Absences that are listed."""


async def absence(call: Call) -> Answer:
    """Enter one, end one, or tell the asker's and the team's that are and that come."""
    if call.text("end"):
        return await _end(call)
    person = await _person(call)
    since, until, reason = (call.text(name) for name in ("since", "until", "reason"))
    if not since:
        return absences_card(await call.tx.absences.team_listed(call.act.at, LISTED), call.agent, call.say)
    away = leave(since, until, reason, call.act.at, known_zone(person.time_zone))
    why = shorten(one_line(away.reason), REASON_LENGTH)
    added = await call.tx.absences.add(person.id, away.since, away.until, why)
    count = len(await call.tx.inquiries.held_by(person.id))
    key = "absence.yours" if person.id == call.agent.id else "absence.theirs"
    told = call.say(key, person=person.name, when=words(when(added, call.say)))
    held = call.say("absence.holds", count=count) if count else call.say("absence.holds_nothing")
    return Card(title=told, lines=((held,),), buttons=(end_button(added, call.say),), summary=told)


async def _person(call: Call) -> Agent:
    """Who is away: the asker, or whom a supervisor names. Raises Refusal."""
    if not call.text("person"):
        return call.agent
    person = await call.person("person")
    if person.id != call.agent.id and not call.agent.may(Role.SUPERVISOR):
        raise Refusal("refused.role", needed=Role.SUPERVISOR.value)
    if person.role is None:
        raise Refusal("assign.not_agent", person=person.name)
    return person


async def _end(call: Call) -> Answer:
    found = await call.tx.absences.get(call.number("end", 0))
    if found is None or found.until <= call.act.at:
        return word(call.say("absence.over"))
    if found.agent.id != call.agent.id and not call.agent.may(Role.SUPERVISOR):
        raise Refusal("refused.role", needed=Role.SUPERVISOR.value)
    await call.tx.absences.end(found.id, call.act.at)
    key = "absence.back" if found.holds(call.act.at) else "absence.cancelled"
    return word(call.say(key, person=found.agent.name))


COMMAND = Command(
    "absence",
    absence,
    (
        Option("since", Kind.WORD),
        Option("until", Kind.WORD),
        Option("reason", Kind.TEXT),
        Option("person", Kind.PERSON, named=True),
        Option("end", Kind.NUMBER, named=True),
    ),
)
