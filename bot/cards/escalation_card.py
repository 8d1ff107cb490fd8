"""The card of an escalation: who asks for what, how urgently, and what became of it; for helpers and for the asker."""

from dataclasses import dataclass

from bot.cards.inquiry_card import title as inquiry_title
from bot.chat.card import Button, Card, Field, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text, shorten
from bot.domain.escalation import Escalation, EscalationState, For, Post, Urgency
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker

TITLE_LENGTH = 140
TONES = {
    EscalationState.ASKED: Tone.NEW,
    EscalationState.ACCEPTED: Tone.OPEN,
    EscalationState.ANSWERED: Tone.DONE,
    EscalationState.FED_BACK: Tone.DONE,
    EscalationState.WITHDRAWN: Tone.QUIET,
}


@dataclass(frozen=True, slots=True)
class Told:
    """An escalation with all that its card needs: its inquiry, and whom one calls when it is urgent."""

    escalation: Escalation
    inquiry: Inquiry
    phone: str = ""


def escalation_card(told: Told, post: Post, say: Speaker) -> Card:
    """What one message says of it by now; where it was passed on from, only where it went."""
    one = told.escalation
    if post.of is not For.HELPERS:
        return _for_asker(told, post, say)
    if post.hop != one.hops:
        text = say("escalation.went_on", inquiry=one.number, to=to_whom(one, say))
        return Card(title=text, lines=((inquiry_title(told.inquiry, say),),), buttons=(_show(one, say),), summary=text)
    heading = say(f"escalation.wants.{one.help}", person=one.asker.name, inquiry=one.number)
    cannot_wait = one.state is EscalationState.ASKED and one.urgency is Urgency.NOW
    return Card(
        title=shorten(heading, TITLE_LENGTH),
        tone=Tone.ALERT if cannot_wait else TONES[one.state],
        badge=_badge(one, say),
        lines=((inquiry_title(told.inquiry, say),), *_phone(told, say)),
        fields=_fields(one, say),
        quote=one.content if one.is_open else one.answer,
        is_ours=True,
        buttons=_buttons(one, say),
        footer=_footer(one, say),
        summary=f"{heading} · {_badge(one, say)}",
    )


def to_whom(one: Escalation, say: Speaker) -> str:
    """The experts of a topic, a person, or the supervisors, by name."""
    return one.topic or say("escalation.supervisors")


def call_of(verb: str, one: Escalation, **options: str) -> str:
    """A button's call for an escalation, drawn at its version."""
    return call(verb, None, one.version, escalation=str(one.id), **options)


def asked_card(told: Told, lost: str, say: Speaker) -> Card:
    """What the asker hears at once: who was asked, and whom to call when it cannot wait."""
    one = told.escalation
    text = say("escalation.asked", inquiry=one.number, to=to_whom(one, say))
    lines = [(say("escalation.lost", expert=lost),)] if lost else []
    return Card(title=text, tone=Tone.OPEN, lines=(*lines, *_phone(told, say)), summary=text)


def accepted_card(one: Escalation, say: Speaker) -> Card:
    """What helpers hear who accepted: what is wanted of them now."""
    text = say(f"escalation.accepted.{one.help}", person=one.asker.name, inquiry=one.number)
    return Card(title=text, tone=Tone.OPEN, buttons=(_answer(one, say, Style.PRIMARY), _show(one, say)), summary=text)


def _for_asker(told: Told, post: Post, say: Speaker) -> Card:
    """What happened to their question; the answer stands in a message of its own, so that it is noticed."""
    one = told.escalation
    if post.of is For.ANSWERED:
        return _answered(told, say)
    if one.state is EscalationState.WITHDRAWN:
        text, tone = say("escalation.over", inquiry=one.number), Tone.QUIET
    elif one.answered_by:
        text, tone = say("escalation.has_answer", person=one.answered_by.name, inquiry=one.number), Tone.DONE
    elif one.taken_by and post.hop == one.hops:
        text, tone = say("escalation.taken_on", person=one.taken_by.name, inquiry=one.number), Tone.OPEN
    else:
        text, tone = say("escalation.moved", to=to_whom(one, say), inquiry=one.number), Tone.OPEN
    line = (inquiry_title(told.inquiry, say),)
    return Card(title=text, tone=tone, lines=(line,), buttons=(_show(one, say),), summary=text)


def _answered(told: Told, say: Speaker) -> Card:
    """The answer, and whether it helped."""
    one = told.escalation
    person = one.answered_by.name if one.answered_by else ""
    text = say(f"escalation.given.{one.verdict or 'plain'}", person=person, inquiry=one.number)
    asks = one.state is EscalationState.ANSWERED
    verdicts = (
        Button(say("button.helped"), call_of("escalate_feedback", one, verdict="helpful"), Style.PRIMARY),
        Button(say("button.not_helped"), call_of("escalate_feedback", one, verdict="not_helpful")),
    )
    return Card(
        title=shorten(text, TITLE_LENGTH),
        tone=Tone.OPEN if asks else Tone.DONE,
        lines=((inquiry_title(told.inquiry, say),),),
        fields=_feedback(one, say),
        quote=one.answer,
        is_ours=True,
        buttons=(*(verdicts if asks else ()), _show(one, say)),
        summary=text,
    )


def _badge(one: Escalation, say: Speaker) -> str:
    state = say(f"escalation.state.{one.state}")
    return f"{state} · {say(f'escalation.urgency.{one.urgency}')}" if one.is_open else state


def _fields(one: Escalation, say: Speaker) -> tuple[Field, ...]:
    if one.state is EscalationState.WITHDRAWN:
        return ()
    told: list[tuple[str, Text]] = [
        (say("escalation.criterion"), (one.criterion,)),
        (say("escalation.tried"), (one.tried,)),
    ]
    if one.taken_by and one.taken_at and one.is_open:
        held = say.text("card.held_since", holder=one.taken_by.name, since=say.at(one.taken_at))
        told.append((say("escalation.accepted_by"), held))
    if one.answered_by and one.answered_at:
        when = say.text("escalation.when", person=one.answered_by.name, at=say.at(one.answered_at))
        told.append((say("escalation.answered_by"), when))
    if one.verdict:
        told.append((say("escalation.verdict"), (say(f"escalation.verdict.{one.verdict}"),)))
    return (*(Field(label, value) for label, value in told if value != ("",)), *_feedback(one, say))


def _feedback(one: Escalation, say: Speaker) -> tuple[Field, ...]:
    if one.is_helpful is None:
        return ()
    helped = say("button.helped" if one.is_helpful else "button.not_helped")
    return (Field(say("escalation.feedback"), (" · ".join(filter(None, (helped, one.feedback))),)),)


def _phone(told: Told, say: Speaker) -> tuple[Text, ...]:
    """Whom to call, while it cannot wait and nobody sees to it."""
    cannot_wait = told.escalation.state is EscalationState.ASKED and told.escalation.urgency is Urgency.NOW
    return ((say("escalation.call", phone=told.phone),),) if cannot_wait and told.phone else ()


def _footer(one: Escalation, say: Speaker) -> Text:
    asked = say.text("escalation.asked_by", person=one.asker.name, to=to_whom(one, say), at=say.at(one.at))
    return (*asked, " · " + say("escalation.hops", count=one.hops)) if one.hops else asked


def _buttons(one: Escalation, say: Speaker) -> tuple[Button, ...]:
    if not one.is_open:
        return (_show(one, say),)
    accept = Button(say("button.escalate_accept"), call_of("escalate_accept", one), Style.PRIMARY)
    is_free = one.state is EscalationState.ASKED
    return (
        *((accept,) if is_free else ()),
        _answer(one, say, Style.NORMAL if is_free else Style.PRIMARY),
        Button(say("button.escalate_pass"), call_of("escalate_pass", one)),
        _show(one, say),
    )


def _answer(one: Escalation, say: Speaker, style: Style) -> Button:
    return Button(say("button.escalate_answer"), call_of("escalate_answer", one), style)


def _show(one: Escalation, say: Speaker) -> Button:
    return Button(say("button.show"), call("show", one.number), Style.QUIET)
