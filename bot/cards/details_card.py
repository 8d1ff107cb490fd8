"""An inquiry in full: what was written, and everything that happened, for who must know it all."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.inquiry_card import inquiry_card
from bot.chat.card import Card, Item
from bot.chat.invocation import pressed
from bot.chat.text import shorten
from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Inquiry
from bot.domain.message import Message
from bot.translator import Speaker

TEXT_LENGTH = 2800
"""Characters of the customer's words shown at once: Slack's texts hold 3000."""
BETWEEN = "\n\n――――\n\n"
NOTE_LENGTH = 200
"""Characters of a note in the timeline: there may be several, and the card itself shows the last one whole."""
_BY_NOBODY = {EventKind.REOPENED: "event.reopened_by_customer", EventKind.RELEASED: "event.left"}
_BY_SOMEBODY = {EventKind.OPENED: "event.recorded"}
"""What is told of an event otherwise than usual, when nobody of the team did it, and when somebody did."""
EVENTS = 12
"""The newest events that are shown."""


def details_card(
    inquiry: Inquiry, messages: Sequence[Message], events: Sequence[Event], say: Speaker, nth: int = 1
) -> Card:
    """The card, with all that the customer wrote, the files, and the newest part of the timeline."""
    card = inquiry_card(inquiry, say, nth)
    files = tuple((say("letter.file", name=file.name),) for one in messages for file in one.attachments)
    return replace(
        card,
        quote=_written(messages) or card.quote,
        lines=card.lines + files,
        items=tuple(_item(event, say) for event in events[-EVENTS:]),
        buttons=tuple(button for button in card.buttons if pressed(button.call)[0] != "show"),
    )


def _written(messages: Sequence[Message]) -> str:
    """What the customer wrote: the last message first and whole, then the earlier ones without what they quote."""
    newest_first = [message.text.strip() for message in messages[-1:]]
    newest_first += [(message.reply_text or message.text).strip() for message in reversed(messages[:-1])]
    return shorten(BETWEEN.join(newest_first), TEXT_LENGTH)


def _item(event: Event, say: Speaker) -> Item:
    told = say(
        (_BY_NOBODY if event.act.agent is None else _BY_SOMEBODY).get(event.kind, f"event.{event.kind}"),
        person=event.act.agent.name if event.act.agent else say("event.customer"),
        to=str(event.details.get("to", "")),
        holder=str(event.details.get("from", "")),
        by=str(event.details.get("by", "")),
        mails=str(event.details.get("count", "")),
    )
    source = f"source.{event.act.source}"
    from_where = say(source) if say.knows(source) else event.act.source
    note = shorten(str(event.details.get("note", "")), NOTE_LENGTH)
    when = say.text("event.when", at=say.at(event.act.at), source=from_where)
    return Item((told,), (*when, f" · {note}") if note else when)
