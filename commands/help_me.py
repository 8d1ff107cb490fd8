"""Help me: somebody on a call asks for advice, of the supervisors, or of whoever knows the topic if there are none."""

from dataclasses import replace

from bot import advisers
from bot.advisers import Adviser
from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Card, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.domain.help_request import HelpRequest
from bot.domain.phone import PhoneCall

TEXT_LENGTH = 1000
"""Characters of what somebody asks: nobody writes more while they talk."""


async def help_me(call: Call) -> Answer:
    """Tell everybody at once who may help; asked again, only what is new is added to what they see."""
    await call.tx.phone.lock(call.agent.id)
    talk = await _talk(call)
    text = call.text("text")[:TEXT_LENGTH]
    waiting = next((one for one in await call.tx.help_requests.of_call(talk.id) if one.is_open), None)
    if waiting is None:
        return await _ask(call, talk, text)
    added = waiting.adding(text)
    if added != waiting:
        await call.tx.help_requests.save(waiting, added)
    return await _waiting(call, waiting, added != waiting)


async def _talk(call: Call) -> PhoneCall:
    """The call that they are on. Raises Refusal when there is none, or not that one any more."""
    id_ = call.number("call", 0)
    talk = (await call.tx.phone.live_of([call.agent.id])).get(call.agent.id)
    if talk is None or id_ not in (0, talk.id):
        raise Refusal("help_me.no_call")
    return talk


async def _ask(call: Call, talk: PhoneCall, text: str) -> Card:
    asked = HelpRequest(call=talk.id, asker=call.agent, text=text, at=call.act.at)
    told = await advisers.supervisors(call.tx, call.agent, call.act.at)
    if not told:
        inquiry = await call.tx.inquiries.get(talk.inquiry) if talk.inquiry else None
        told = await advisers.experts(call.tx, asked, inquiry)
        asked = replace(asked.to_experts(call.act.at), version=1)
    if not told:
        raise Refusal("help_me.nobody")
    await call.tx.help_requests.ask(asked, talk.inquiry, [one.at for one in told])
    return word(call.say("help_me.asked", names=_names(told)), Tone.OPEN)


async def _waiting(call: Call, request: HelpRequest, is_added: bool) -> Card:
    people, has_channel = await advisers.told(call.tx, request)
    names = ", ".join([*people, *([call.say("help_me.channel")] if has_channel else [])])
    key = "help_me.added" if is_added else "help_me.asked_before"
    return word(call.say(key, names=names, since=call.say.since(request.at)), Tone.OPEN)


def _names(told: list[Adviser]) -> str:
    return ", ".join(dict.fromkeys(one.name for one in told))


COMMAND = Command("help_me", help_me, (Option("text", Kind.TEXT), Option("call", Kind.NUMBER, named=True)))
