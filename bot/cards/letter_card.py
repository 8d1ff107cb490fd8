"""A further message of an inquiry, or an answer that nobody saw, as it stands in the thread under its card."""

from bot.chat.card import Card, Tone
from bot.domain.events import Event
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


def by_hand_card(event: Event, say: Speaker) -> Card:
    """Somebody said that they answered the customer, and how, where there is no message to show."""
    by, how = str(event.details.get("by", "")), str(event.details.get("note", ""))
    title = say("letter.by_hand", by=by, how=how) if how else say("letter.by_hand_plainly", by=by)
    return Card(title=title, tone=Tone.WAITING, summary=title)
