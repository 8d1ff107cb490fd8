"""What is left of an inquiry whose customer was erased: its number, and when that was."""

from bot.chat.card import Card, Field, Tone
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker


def erased_card(inquiry: Inquiry, say: Speaker) -> Card:
    """A card without anything to press. Its tone says that nothing of what stood there before may stay."""
    assert inquiry.erased_at is not None
    title = say("card.erased", inquiry=inquiry.number)
    return Card(
        title=title,
        tone=Tone.QUIET,
        lines=(say.text("card.erased_at", at=say.at(inquiry.erased_at)),),
        fields=(Field(say("card.queue"), (inquiry.queue,)),),
        summary=title,
    )
