"""Short answers: one sentence on a card, with a button where one helps."""

from bot.cards.inquiry_card import inquiry_card
from bot.chat.card import Button, Card, Tone
from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker


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
        buttons=shown.buttons if reader and now.may_be_handled_by(reader) else shown.buttons[-1:],
        summary=text,
    )
