"""Whisper: advise somebody who is on the phone, quietly; whoever is on no call may be sent a note."""

from datetime import timedelta

from bot.call import Call
from bot.cards.advising_cards import note_card, sent_card, whisper_form
from bot.chat.card import Choice, Form
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.addressed import addressed
from bot.domain.advice import Objection, may_advise
from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.phone import PhoneCall
from bot.whispering import whisper as whispered

LISTED = 25
"""People whom a form lists, as many as Discord takes; those on the phone come first."""
TEXT_LENGTH = 1000
"""Characters that are looked at; far fewer are sent."""


async def whisper(call: Call) -> Answer:
    """Give advice to whom the button, the words or the form name, in the call that they are on."""
    is_note = call.text("note") == "yes"
    to, meant, text = await _meant(call)
    text = text[:TEXT_LENGTH]
    if to is None:
        return await _form(call, None)
    await call.tx.phone.lock(to.id)  # what is said of their calls by then holds until it is sent
    live = (await call.tx.phone.live_of([to.id])).get(to.id)
    if meant is not None and not (live and live.id == meant.id):
        live = None
    await _must_be_allowed(call, to, live or meant)
    if live is None and not is_note:
        return note_card(to, text, meant.id if meant else None, await _named(call, to), call.say)
    if not text:
        return await _form(call, to)
    one, left = await whispered(call.tx, to, text, call.act.at, call.agent, None if is_note else live)
    way = (await call.tx.advice.ways([one.id])).get(one.id)
    return sent_card(one, left, way.wait if way else timedelta(), call.say)


async def _meant(call: Call) -> tuple[Agent | None, PhoneCall | None, str]:
    """Who is meant, in which call where one is named, and what is said. Raises Refusal."""
    if call.text("call"):
        of = await call.tx.phone.get(call.number("call", 0))
        if of is None:
            raise Refusal("whisper.no_such_call", given=call.text("call"))
        return of.agent, of, call.text("text") or call.text("reply")
    if call.text("person"):
        return await call.person("person"), None, call.text("text")
    if call.text("reply"):
        return await _replied(call)
    return None, None, ""


async def _replied(call: Call) -> tuple[Agent, PhoneCall | None, str]:
    """Words in a board's thread: for whom they begin with, else for the only one on the phone. Raises Refusal."""
    reply = call.text("reply")
    live = [one.call.agent for one in await call.tx.phone.live()]
    first, _, rest = reply.partition(" ")
    if first.startswith("<@"):
        return await call.somebody(first), None, rest.strip()
    to, text = addressed(reply, live)
    if to is None and reply[:1] in ("@", "＠"):
        to, text = addressed(reply, await call.tx.agents.all())
        if to is None:
            return await call.somebody(first.replace("＠", "@")), None, rest.strip()
    if to is not None:
        return to, None, text
    if len(live) != 1:
        names = ", ".join(one.name for one in live)
        if not live:
            raise Refusal("whisper.nobody_on")
        raise Refusal("whisper.which", names=names, first=live[0].name.split()[0])
    return live[0], None, reply


async def _must_be_allowed(call: Call, to: Agent, of: PhoneCall | None) -> None:
    """Raises Refusal when the asker may not advise them, or when nothing reaches them."""
    is_asked = of is not None and await call.tx.help_requests.asked(of.id, call.agent.id)
    objection = may_advise(call.agent, to, is_asked)
    if objection is Objection.OWN:
        raise Refusal("whisper.own")
    if objection:
        raise Refusal("whisper.not_yours" if to.role else "assign.not_agent", person=to.name)
    if not await call.tx.escalations.directly([to.id]):
        raise Refusal("whisper.unreachable", person=to.name)


async def _named(call: Call, to: Agent) -> str:
    """By what a button names somebody: who they are on this platform, else their name."""
    here = [one.user for one in await call.tx.agents.handles(to.id) if one.platform == call.invocation.platform]
    return here[0] if here else to.name


async def _form(call: Call, to: Agent | None) -> Form:
    kept = {name: call.text(name) for name in ("call", "person", "note") if call.text(name)}
    people = [] if to else await _people(call)
    return whisper_form(pressing("whisper", None, None, **kept), to, people, "note" in kept, call.say)


async def _people(call: Call) -> list[Choice]:
    """Whom one may choose: who is on the phone first, then the others; never oneself."""
    live = [one.call.agent for one in await call.tx.phone.live()]
    known = {one.id: one for one in (*live, *await call.tx.agents.all()) if one.id != call.agent.id}
    return [Choice(one.name, one.name) for one in known.values()][:LISTED]


COMMAND = Command(
    "whisper",
    whisper,
    (
        Option("person", Kind.PERSON),
        Option("text", Kind.TEXT),
        Option("call", Kind.NUMBER, named=True),
        Option("note", Kind.CHOICE, choices=("yes",), named=True),
        Option("reply", Kind.TEXT, named=True),
    ),
    urgent=True,
)
