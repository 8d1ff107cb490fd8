"""An inquiry in full: what was written, and everything that happened, for who must know it all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards.inquiry_card import WAITED_FOR, due_name, inquiry_card, waited_for
from bot.chat.card import Button, Card, Item
from bot.chat.invocation import call, pressed
from bot.chat.text import Moment, shorten, words
from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Inquiry, Status
from bot.domain.message import Message
from bot.domain.phone import Outcome
from bot.domain.timeline import WAITING
from bot.translator import Speaker

TEXT_LENGTH = 2800
"""Characters of the customer's words shown at once: Slack's texts hold 3000."""
BETWEEN = "\n\n――――\n\n"
NOTE_LENGTH = 200
"""Characters of a note in the timeline: there may be several, and the card itself shows the last one whole."""
_BY_NOBODY = {EventKind.REOPENED: "event.reopened_by_customer", EventKind.RESUMED: "event.wait_over"}
_BY_SOMEBODY = {EventKind.OPENED: "event.recorded"}
"""What is told of an event otherwise than usual, when nobody of the team did it, and when somebody did."""
_GIVEN_BACK = {"away": "event.given_back_away", "untouched": "event.given_back_untouched"}
"""Why it went back to the team though nobody gave it back; else its holder has left."""
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
        buttons=_buttons(inquiry, card, say),
    )


def _buttons(inquiry: Inquiry, card: Card, say: Speaker) -> tuple[Button, ...]:
    """What can be done with it beside what stands on its card already."""
    if inquiry.is_resolved:
        return tuple(button for button in card.buttons if pressed(button.call)[0] != "show")
    verbs = ("answered", "resume" if inquiry.status in WAITING else "wait", "snooze", "followup", "escalate")
    return tuple(Button(say(f"button.{verb}"), call(verb, inquiry.number, inquiry.version)) for verb in verbs)


def _written(messages: Sequence[Message]) -> str:
    """What the customer wrote: the last message first and whole, then the earlier ones without what they quote."""
    newest_first = [message.text.strip() for message in messages[-1:]]
    newest_first += [(message.reply_text or message.text).strip() for message in reversed(messages[:-1])]
    return shorten(BETWEEN.join(newest_first), TEXT_LENGTH)


def _item(event: Event, say: Speaker) -> Item:
    details = event.details
    told = say.text(
        _key(event),
        person=event.act.agent.name if event.act.agent else say("event.customer"),
        to=str(details.get("to", "")),
        holder=str(details.get("from", "")),
        by=str(details.get("by", "")),
        mails=str(details.get("count", "")),
        whom=_whom(event, say),
        until=_moment(details.get("until"), say),
        target=due_name(str(details.get("target", "")), say),
        time=_amount(details.get("seconds"), say),
        tags=_listed(details.get("tags")),
    )
    source = f"source.{event.act.source}"
    from_where = say(source) if say.knows(source) else event.act.source
    note = shorten(" · ".join(filter(None, (_outcome(event, say), str(details.get("note", ""))))), NOTE_LENGTH)
    when = say.text("event.when", at=say.at(event.act.at), source=from_where)
    has_times = any(isinstance(part, Moment) for part in told)
    return Item(told if has_times else (words(told),), (*when, f" · {note}") if note else when)


def _key(event: Event) -> str:
    """The name of the text that tells of an event."""
    if event.kind is EventKind.ANSWERED and event.details.get("by_hand"):
        return "event.answered_by_hand"
    if event.kind is EventKind.TAGGED and not event.details.get("tags"):
        return "event.untagged"
    if event.kind is EventKind.RELEASED and event.act.agent is None:
        return _GIVEN_BACK.get(str(event.details.get("reason", "")), "event.left")
    if event.kind is EventKind.HUNG_UP and "seconds" not in event.details:
        return "event.call_noted" if event.details.get("note") else "event.call_over"
    others = _BY_NOBODY if event.act.agent is None else _BY_SOMEBODY
    return others.get(event.kind, f"event.{event.kind}")


def _whom(event: Event, say: Speaker) -> str:
    """Who is waited for, with what was noted of that."""
    status, note = str(event.details.get("status", "")), str(event.details.get("whom", ""))
    return waited_for(Status(status), note, say) if status in set(WAITED_FOR) else note


def _outcome(event: Event, say: Speaker) -> str:
    """What came of a call."""
    outcome = str(event.details.get("outcome", ""))
    return say(f"phone.outcome.{outcome}") if outcome in set(Outcome) else ""


def _moment(written: object, say: Speaker) -> Moment | str:
    return say.at(datetime.fromisoformat(written)) if isinstance(written, str) else ""


def _amount(seconds: object, say: Speaker) -> str:
    """An amount of business time, in which a day has no 24 hours."""
    return say.duration(timedelta(seconds=seconds), in_days=False) if isinstance(seconds, int | float) else ""


def _listed(tags: object) -> str:
    return ", ".join(map(str, tags)) if isinstance(tags, list | tuple) else ""
