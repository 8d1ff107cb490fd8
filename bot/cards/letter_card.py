"""A further message of an inquiry, as it stands in the thread under its card."""

from bot.chat.card import Card, Tone
from bot.domain.inquiry import excerpt
from bot.domain.message import Message
from bot.translator import Speaker


def letter_card(message: Message, outgoing: bool, reopened: bool, say: Speaker) -> Card:
    """What the customer wrote, and that it opened the inquiry again, if it did; or what the team answered."""
    writer = message.from_name or message.from_address or say("card.unknown_customer")
    key = "letter.answered" if outgoing else "letter.reopened" if reopened else "letter.wrote"
    tone = Tone.WAITING if outgoing else Tone.ALERT if reopened else Tone.OPEN
    title = say(key, customer=writer)
    files = tuple((say("letter.file", name=file.name),) for file in message.attachments)
    return Card(title=title, tone=tone, quote=excerpt(message), lines=files, summary=title)
