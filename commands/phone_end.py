"""End a call: they have hung up; or say what came of a call that is over."""

from bot.call import Call, Missing
from bot.callers import caller_of
from bot.cards.call_card import OUTCOMES, show_button
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.domain.phone import Ended, Outcome, PhoneCall, Voice
from bot.phone_calls import idle_card, meant_call, over_card, over_text
from bot.phone_desk import end

NOTE_LENGTH = 2_000
"""Characters of what is noted of a call."""


async def phone_end(call: Call) -> Answer:
    """End it at once. What came of it can be said with that, or later by one press, and then a form asks for a note."""
    outcome, note = _outcome(call.text("outcome")), call.text("note")[:NOTE_LENGTH]
    one = await meant_call(call)
    if one is None:
        return idle_card(call)
    if not one.is_live:
        if not note and outcome in (None, one.outcome):
            return await over_card(call, one)
        if "note" not in call.options and outcome is not Outcome.WRONG_NUMBER:
            raise Missing("note")
    after = await end(call.tx, one, Ended(call.act.at, Voice.HAND, outcome=outcome), call.act, note)
    return await _told(call, after) if after.outcome else await over_card(call, after, Tone.DONE)


def _outcome(given: str) -> Outcome | None:
    """Raises Refusal for what nobody can say of a call."""
    if given and given not in OUTCOMES:
        raise Refusal("phone.outcome_unknown", given=given, names=", ".join(OUTCOMES))
    return Outcome(given) if given else None


async def _told(call: Call, one: PhoneCall) -> Answer:
    """How long it was, what came of it, and whether its inquiry is done with that."""
    view = await caller_of(call.tx, one, call.region, fitting=False)
    text = call.say("phone.noted", talked=over_text(call, one, view), outcome=call.say(f"phone.outcome.{one.outcome}"))
    return word(text, Tone.DONE, show_button(view.inquiry, call.say))


COMMAND = Command(
    "phone_end",
    phone_end,
    (
        Option("outcome", Kind.CHOICE, choices=tuple(one.value for one in OUTCOMES)),
        Option("note", Kind.TEXT),
        Option("call", Kind.NUMBER, named=True),
    ),
)
