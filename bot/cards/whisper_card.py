"""What one person is told by direct message about an inquiry that concerns them."""

from bot.cards.inquiry_card import buttons, title
from bot.chat.card import Card, Tone
from bot.domain.agent import Agent
from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker

_PLAINLY = "whisper.given_back"
_GIVEN_BACK: dict[object, str] = {"away": "whisper.given_back_away", "untouched": "whisper.given_back_untouched"}
"""Why nobody of the team gave an inquiry back, and time did."""


def whisper_card(event: Event, inquiry: Inquiry, to: Agent, say: Speaker) -> Card:
    """What happened, in one sentence, with the inquiry as it is now and its buttons."""
    doer = event.act.agent.name if event.act.agent else ""
    details = {
        "inquiry": inquiry.number,
        "person": doer,
        "holder": inquiry.holder.name if inquiry.holder else "",
    }
    match event.kind:
        case EventKind.ASSIGNED if event.details.get("to_id") == to.id:
            key = "whisper.assigned"
        case EventKind.ASSIGNED:
            key = "whisper.taken_over"
        case EventKind.RELEASED:
            key = "whisper.released" if event.act.agent else _GIVEN_BACK.get(event.details.get("reason"), _PLAINLY)
        case EventKind.RESUMED:
            key = "whisper.resumed" if event.act.agent else "whisper.wait_over"
        case EventKind.EXTENDED:
            key = "whisper.extended"
        case EventKind.REOPENED:
            key = "whisper.reopened"
        case _:
            key = "whisper.wrote"
    text = say(key, **details)
    return Card(
        title=text,
        tone=Tone.OPEN,
        lines=((title(inquiry, say),),),
        quote=inquiry.excerpt,
        buttons=buttons(inquiry, say),
        summary=text,
    )
