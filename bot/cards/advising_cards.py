"""What whoever advises is told: what goes out and what had no room, the form that asks for it, and a note instead."""

from collections.abc import Sequence
from datetime import timedelta

from bot.cards.receipts_card import SOON
from bot.chat.card import Button, Card, Choice, Form, Input, InputKind, Style, Tone
from bot.chat.invocation import call, pressable
from bot.domain.advice import Advice
from bot.domain.agent import Agent
from bot.translator import Speaker

MOMENT = timedelta(seconds=1)
"""What goes out in less goes out at once."""


def sent_card(one: Advice, left: str, wait: timedelta, say: Speaker) -> Card:
    """What becomes of it now, with its words as they go out; and the words for which there was no room.

    `wait` is how long it is held.
    """
    person = one.to.name
    if wait >= SOON:
        told = say("whisper.waits", person=person, until=say.now + wait)
    elif wait >= MOMENT:
        told = say("whisper.soon", person=person, seconds=max(1, round(wait.total_seconds())))
    else:
        told = say("whisper.note_sent" if one.call is None else "whisper.sent", person=person)
    withdraw = Button(say("button.advice_withdraw"), call("advice_withdraw", advice=str(one.id)), Style.QUIET)
    return Card(
        title=told,
        tone=Tone.WAITING if left else Tone.DONE,
        lines=((say("whisper.left"),),) if left else (),
        quote=one.text,
        is_ours=True,
        copy=left,
        buttons=(withdraw,) if wait >= MOMENT else (),
        summary=told,
    )


def note_card(to: Agent, text: str, over: int | None, whom: str, say: Speaker) -> Card:
    """Whoever is on no call may be sent a note. `over`: the call that has ended meanwhile; `whom` names them here.

    The words go with the button where it can carry them; longer ones are there to be copied into its form.
    """
    told = say("whisper.call_over" if over else "whisper.no_call_now", person=to.name)
    options = {"note": "yes"} | ({"call": str(over)} if over else {"person": whom})
    whole = call("whisper", None, None, **options, text=text)
    fits = pressable(whole) and "\n" not in text
    button = Button(
        say("button.whisper_note"), whole if fits else call("whisper", None, None, **options), Style.PRIMARY
    )
    return Card(
        title=told,
        tone=Tone.WAITING,
        lines=() if fits else ((say("whisper.copy"),),),
        quote=text if fits else "",
        is_ours=True,
        copy="" if fits else text,
        buttons=(button,),
        summary=told,
    )


def whisper_form(of: str, to: Agent | None, people: Sequence[Choice], is_note: bool, say: Speaker) -> Form:
    """Asks for the words, and for whom they are where nobody knows; `of` is the call that it fills in."""
    person = Input("person", say("option.person"), InputKind.CHOICE, required=True, choices=tuple(people))
    words = Input("text", say("label.whisper.text"), InputKind.PARAGRAPH, required=True, hint=say("hint.whisper.text"))
    return Form(
        title=say("form.whisper_note" if is_note else "form.whisper"),
        call=of,
        inputs=(words,) if to else (person, words),
        submit=say("button.whisper_note" if is_note else "button.whisper"),
        cancel=say("form.cancel"),
        intro=say("whisper.to", person=to.name) if to else "",
    )
