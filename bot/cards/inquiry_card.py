"""The card of an inquiry: who wrote what, how long they wait, who has it, and what can be done."""

from collections.abc import Iterator

from bot.cards.erased_card import erased_card
from bot.chat.card import Button, Card, Field, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text, shorten
from bot.domain.inquiry import Inquiry, Status
from bot.domain.policy import Target
from bot.translator import Speaker

TITLE_LENGTH = 120
"""Slack's headers hold 150 characters; titles end well before, so that they stay one or two lines."""

TONES = {
    Status.NEW: Tone.NEW,
    Status.OPEN: Tone.OPEN,
    Status.WAITING_ON_CUSTOMER: Tone.WAITING,
    Status.WAITING_ON_THIRD_PARTY: Tone.WAITING,
    Status.RESOLVED: Tone.DONE,
}
WAITED_FOR = {Status.WAITING_ON_CUSTOMER: "waiting.customer", Status.WAITING_ON_THIRD_PARTY: "waiting.third_party"}
OWED: dict[str, str] = {
    Target.FIRST_RESPONSE: "due.first_response",
    Target.NEXT_RESPONSE: "due.next_response",
    Target.RESOLUTION: "due.resolution",
}

RECENT_DAYS = 30
"""A customer's contacts are counted over the days before an inquiry."""


def inquiry_card(inquiry: Inquiry, say: Speaker, nth: int = 1) -> Card:
    """The inquiry as it stands, with the buttons that make sense now, drawn at its version.

    `nth` is which contact of its customer in RECENT_DAYS it was; told from the second on.
    """
    if inquiry.erased_at:
        return erased_card(inquiry, say)
    return Card(
        title=title(inquiry, say),
        tone=TONES[inquiry.status] if inquiry.readable or inquiry.is_resolved else Tone.ALERT,
        badge=say(f"status.{inquiry.status}"),
        fields=_fields(inquiry, say),
        quote=inquiry.excerpt if inquiry.readable else "",
        lines=_lines(inquiry, say, nth),
        buttons=buttons(inquiry, say),
        footer=_footer(inquiry, say),
        summary=say(
            "card.summary",
            title=title(inquiry, say),
            status=say(f"status.{inquiry.status}"),
            holder=_holder(inquiry),
        ).strip(" ·"),
    )


def title(inquiry: Inquiry, say: Speaker) -> str:
    """The number with the subject, on one line."""
    subject = " ".join(inquiry.subject.split())
    if not inquiry.readable:
        subject = subject or say("card.unreadable_subject")
    return shorten(f"#{inquiry.number} {subject or say('card.no_subject')}", TITLE_LENGTH)


def buttons(inquiry: Inquiry, say: Speaker) -> tuple[Button, ...]:
    """What can be done with it now."""

    def button(verb: str, style: Style = Style.NORMAL) -> Button:
        return Button(say(f"button.{verb}"), call(verb, inquiry.number, inquiry.version), style)

    look = [button("show" if inquiry.readable else "original", Style.QUIET)]
    if inquiry.customer.is_known:
        look.append(button("history", Style.QUIET))
    if inquiry.is_resolved:
        return (button("reopen"), *look)
    if inquiry.readable:
        look.append(button("similar", Style.QUIET))
    if inquiry.holder is None:
        return (button("claim", Style.PRIMARY), button("resolve"), *look)
    return (button("resolve", Style.PRIMARY), button("release"), *look)


def _lines(inquiry: Inquiry, say: Speaker, nth: int) -> tuple[Text, ...]:
    lines = [] if inquiry.readable else [say("card.unreadable")]
    if inquiry.related:
        lines.append(say("card.related", inquiry=inquiry.related))
    if inquiry.customer.caution:
        lines.append(say("card.caution"))
    if nth > 1:
        lines.append(say("card.contact", nth=say.ordinal(nth), days=RECENT_DAYS))
    return (*((line,) for line in lines), *_rests(inquiry, say))


def waited_for(status: Status, note: str, say: Speaker) -> str:
    """ "the customer (a photo of it)": whom a waiting inquiry waits for, with what was noted of that."""
    whom = say(WAITED_FOR[status])
    return say("waiting.noted", whom=whom, note=note) if note else whom


def _rests(inquiry: Inquiry, say: Speaker) -> Iterator[Text]:
    """For whom one waits, and until when nobody is reminded."""
    if inquiry.status in WAITED_FOR and inquiry.waiting_until:
        whom = waited_for(inquiry.status, inquiry.waiting_for, say)
        yield say.text("card.waiting_until", whom=whom, until=say.at(inquiry.waiting_until))
    if inquiry.snoozed_until and inquiry.snoozed_until > say.now and not inquiry.is_resolved:
        yield say.text("card.snoozed", until=say.at(inquiry.snoozed_until))


def _fields(inquiry: Inquiry, say: Speaker) -> tuple[Field, ...]:
    fields = [
        Field(say("card.customer"), (inquiry.customer.label or say("card.unknown_customer"),)),
        Field(say("card.queue"), (inquiry.queue,)),
    ]
    if inquiry.is_resolved and inquiry.resolved_at:
        fields.append(Field(say("card.resolved_at"), (say.at(inquiry.resolved_at),)))
    elif inquiry.status is Status.WAITING_ON_CUSTOMER and inquiry.answered_at:
        fields.append(Field(say("card.answered_at"), (say.at(inquiry.answered_at),)))
    else:
        fields.append(
            Field(say("card.waiting"), say.text("card.waiting_since", since=say.since(inquiry.waiting_since)))
        )
    if inquiry.holder and inquiry.held_since:
        held = say.text("card.held_since", holder=inquiry.holder.name, since=say.at(inquiry.held_since))
        fields.append(Field(say("card.holder"), held))
    elif not inquiry.is_resolved:
        fields.append(Field(say("card.holder"), (say("card.nobody"),)))
    if due := due_text(inquiry, say):
        fields.append(Field(say("card.due"), due))
    if inquiry.is_resolved and inquiry.note:
        fields.append(Field(say("card.note"), (inquiry.note,)))
    if inquiry.tags:
        fields.append(Field(say("card.tags"), (", ".join(inquiry.tags),)))
    return tuple(fields)


def due_text(inquiry: Inquiry, say: Speaker) -> Text:
    """By when what is owed, marked in words once that is over; nothing where nothing is promised."""
    if inquiry.due_at is None or inquiry.is_resolved:
        return ()
    key = "due.overdue" if inquiry.due_at <= say.now else "due.by"
    return say.text(key, target=due_name(inquiry.due_target, say), due=say.at(inquiry.due_at))


def due_name(target: str, say: Speaker) -> str:
    """What is owed, as people call it."""
    return say(OWED.get(target, "due.answer"))


def _footer(inquiry: Inquiry, say: Speaker) -> Text:
    parts = list(say.text("card.received", at=say.at(inquiry.opened_at)))
    if inquiry.messages > 1:
        parts.append(" · " + say("card.messages", count=inquiry.messages))
    if inquiry.attachments:
        parts.append(" · " + say("card.attachments", count=inquiry.attachments))
    return tuple(parts)


def _holder(inquiry: Inquiry) -> str:
    return inquiry.holder.name if inquiry.holder else ""
