"""Phone calls as people speak of them: which call somebody means, and how one is shown to them."""

from datetime import timedelta

from bot.call import Call
from bot.call_messages import learnt
from bot.callers import CallerView, caller_of
from bot.cards.call_card import call_card, outcome_buttons, show_button
from bot.cards.call_words import length_told
from bot.cards.word import word
from bot.chat.card import Button, Card, Tone
from bot.chat.invocation import call as pressing
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.domain.phone import PhoneCall
from bot.domain.phoning import current

RECENTLY = timedelta(hours=12)
"""Of calls that began so long ago, people still say what came of them without naming them."""


async def meant_call(call: Call, locked: bool = True) -> PhoneCall | None:
    """The call that is named, else the one that the asker is on, else their last one; None: none of late.

    `locked`: nobody else works on its agent's calls until the transaction ends. Raises Refusal for one that is not
    there, and for another's call, unless a supervisor asks, or one only looks who was asked for help in it.
    """
    id_ = call.number("call", 0)
    if not id_:
        if locked:
            await call.tx.phone.lock(call.agent.id)
        theirs = await call.tx.phone.recent(call.agent.id, call.act.at - RECENTLY)
        begun = [one for one in theirs if one.started_at]
        return current(theirs) or max(begun, key=lambda one: (one.started_at or call.act.at, one.id), default=None)
    found = await call.tx.phone.get(id_) if id_ > 0 else None
    if found is None:
        raise Refusal("phone.no_call")
    is_theirs = found.agent.id == call.agent.id or call.agent.may(Role.SUPERVISOR)
    if not is_theirs and (locked or not await call.tx.help_requests.asked(found.id, call.agent.id)):
        raise Refusal("phone.not_yours", person=found.agent.name)
    if not locked:
        return found
    await call.tx.phone.lock(found.agent.id)
    return await call.tx.phone.get(id_)


async def whole_card(call: Call, one: PhoneCall) -> Card:
    """A call with all that may help, as its agent's message shows it."""
    view = await caller_of(call.tx, one, call.region, fitting=one.is_live)
    return call_card(one, view, await learnt(call.tx, one), call.say, one.agent.id == call.agent.id)


async def over_card(call: Call, one: PhoneCall, tone: Tone = Tone.QUIET) -> Card:
    """That a call is over, and how long it was; what came of it is asked unless it was said."""
    view = await caller_of(call.tx, one, call.region, fitting=False)
    buttons = outcome_buttons(one, call.say) if one.outcome is None else ()
    return word(over_text(call, one, view), tone, (*buttons, *show_button(view.inquiry, call.say)))


def over_text(call: Call, one: PhoneCall, view: CallerView) -> str:
    """ "Talked with Aki Ito: 12 minutes"."""
    time, caller = length_told(one, call.say), view.called(call.say)
    return call.say("phone.talked", caller=caller, time=time) if time else call.say("phone.over", caller=caller)


def idle_card(call: Call) -> Card:
    """That the asker is on no call, and how one begins."""
    return word(call.say("phone.idle"), buttons=(Button(call.say("button.phone_start"), pressing("phone_start")),))
