"""Short answers: one sentence on a card, with a button where one helps."""

from bot.cards.inquiry_card import inquiry_card
from bot.chat.card import Button, Card, Tone
from bot.chat.invocation import pressed
from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker

LOOKING = ("show", "original")
"""What anybody of the team may do with an inquiry that is somebody else's: look at it."""


def word(text: str, tone: Tone = Tone.QUIET, buttons: tuple[Button, ...] = ()) -> Card:
    """A card that says one thing."""
    return Card(title=text, tone=tone, buttons=buttons, summary=text)


def refusal_card(refusal: Refusal, now: Inquiry | None, reader: Agent | None, say: Speaker) -> Card:
    """Why not, in words; with the inquiry as it is now, when it is about one, and what its reader may do with it."""
    text = say(refusal.key, **refusal.details)
    if now is None:
        return word(text, Tone.ALERT)
    shown = inquiry_card(now, say)
    return Card(
        title=text,
        tone=Tone.ALERT,
        lines=((shown.title,),),
        badge=shown.badge,
        fields=shown.fields,
        buttons=shown.buttons if reader and now.may_be_handled_by(reader) else _looking(shown.buttons),
        summary=text,
    )


def _looking(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    return tuple(one for one in buttons if pressed(one.call)[0] in LOOKING)
