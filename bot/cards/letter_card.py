"""A customer's further message, as it stands in the thread under the inquiry's card."""

from bot.chat.card import Card, Tone
from bot.domain.inquiry import excerpt
from bot.domain.message import Message
from bot.translator import Speaker


def letter_card(message: Message, reopened: bool, say: Speaker) -> Card:
    """What the customer wrote, and that it opened the inquiry again, if it did."""
    customer = message.from_name or message.from_address or say("card.unknown_customer")
    title = say("letter.reopened" if reopened else "letter.wrote", customer=customer)
    files = tuple((say("letter.file", name=file.name),) for file in message.attachments)
    return Card(
        title=title,
        tone=Tone.ALERT if reopened else Tone.OPEN,
        quote=excerpt(message),
        lines=files,
        summary=title,
    )
