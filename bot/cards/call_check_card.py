"""The question to an agent of whose call nothing was heard for long: whether it goes on."""

from bot.cards.call_words import length_told
from bot.cards.caller import CallerView
from bot.cards.word import word
from bot.chat.card import Button, Card, Style, Tone
from bot.chat.invocation import call as pressing
from bot.domain.phone import PhoneCall
from bot.translator import Speaker


def call_check_card(call: PhoneCall, view: CallerView, is_answered: bool, say: Speaker) -> Card:
    """The question with its two answers; once it `is_answered`, or the call over, what has become of it."""
    caller = view.called(say)
    if not call.is_live:
        time = length_told(call, say)
        text = say("phone.talked", caller=caller, time=time) if time else say("phone.over", caller=caller)
        return word(text)
    if is_answered:
        return word(say("phone.goes_on", caller=caller))
    heading = say("phone.still", caller=caller)
    since = (say.text("phone.began", since=say.since(call.started_at)),) if call.started_at else ()
    return Card(
        title=heading,
        tone=Tone.WAITING,
        lines=since,
        buttons=(
            Button(say("button.phone_still"), pressing("phone_still", call=str(call.id)), Style.PRIMARY),
            Button(say("phone.has_ended"), pressing("phone_end", call=str(call.id))),
        ),
        footer=(say("phone.ends_by_itself"),),
        summary=heading,
    )
