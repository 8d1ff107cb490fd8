"""The card of a phone call, for the agent who is on it: who is on the line, what may help, and what became of it."""

import re
from collections.abc import Sequence

from bot.cards.call_words import calls_told, length_told
from bot.cards.caller import CallerView, FittingText
from bot.cards.customer_card import part
from bot.cards.inquiry_card import title as inquiry_title
from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call as pressing
from bot.chat.text import Text, one_line, shorten
from bot.domain.advice import Advice, AdviceState
from bot.domain.inquiry import Inquiry
from bot.domain.phone import Outcome, PhoneCall
from bot.translator import Speaker

OUTCOMES = (Outcome.SETTLED, Outcome.OPEN, Outcome.CALL_BACK, Outcome.WRONG_NUMBER)
"""What people can say of a call, in the order of the buttons."""
_TONES = {Outcome.OPEN: Tone.OPEN, Outcome.CALL_BACK: Tone.WAITING}
SUBJECT_LENGTH, ASKED_LENGTH, ANSWER_LENGTH, TEXT_LENGTH, REASON_LENGTH = 80, 160, 100, 60, 200
"""Characters: lines of a message that is read on a phone, while one talks."""
LEARNT = 5
"""Pieces of advice that are offered as articles."""
BLANK = "…"
"""What is filled in only when a template is used."""
_VARIABLE = re.compile(r"\{\w+\}")


def call_card(call: PhoneCall, view: CallerView, learnt: Sequence[Advice], say: Speaker, is_own: bool = True) -> Card:
    """A call as it stands; `is_own`: for the agent whose call it is, else for a supervisor who looks.

    `learnt` are the pieces of advice that may become articles, which is offered once the call is over.
    """
    return _live(call, view, say, is_own) if call.is_live else _over(call, view, learnt, say, is_own)


def _live(call: PhoneCall, view: CallerView, say: Speaker, is_own: bool) -> Card:
    caller = view.called(say)
    heading = say("phone.on", caller=caller) if is_own else say("phone.on_other", person=call.agent.name, caller=caller)
    return Card(
        title=heading,
        tone=Tone.ALERT if view.caution else Tone.OPEN,
        lines=(*_caution(view, say), *_since(call, view, say), *_about(view, say), *_calls(view, say)),
        quote=_asked(view.inquiry),
        items=(*_contacts(view, say), *_texts(view, say)),
        buttons=_while_on(call, view, say, is_own),
        summary=heading,
    )


def _over(call: PhoneCall, view: CallerView, learnt: Sequence[Advice], say: Speaker, is_own: bool) -> Card:
    caller = view.called(say)
    is_said = call.outcome is not None
    return Card(
        title=_heading(call, caller, say),
        tone=_TONES.get(call.outcome, Tone.DONE) if call.outcome else Tone.WAITING,
        badge=say(f"phone.outcome.{call.outcome}") if is_said else "",
        lines=(*_when(call, view, say), *_about(view, say)),
        items=tuple(part(say("phone.learnt"), [_lesson(one, say) for one in learnt[:LEARNT]])) if is_own else (),
        buttons=_afterwards(call, view, say, is_own),
        footer=() if is_said or not is_own else (say("phone.what_came"),),
        summary=_heading(call, caller, say),
    )


def several_card(people: Sequence[tuple[str, str, str]], say: Speaker) -> Card:
    """Who may be on the line: of each the name, by what they are known, and the button's call that begins with them."""
    heading = say("phone.which")
    label = say("button.phone_start")
    rows = [Item((name,), (known,) if known else (), Button(label, press)) for name, known, press in people]
    return Card(title=heading, tone=Tone.OPEN, items=tuple(rows), summary=heading)


def end_button(call: PhoneCall, say: Speaker, style: Style = Style.PRIMARY) -> Button:
    """One press ends the call, now."""
    return Button(say("button.phone_end"), pressing("phone_end", call=str(call.id)), style)


def show_button(inquiry: Inquiry | None, say: Speaker) -> tuple[Button, ...]:
    """The details of the inquiry that a call is about, where there is one."""
    if inquiry is None or inquiry.erased_at:
        return ()
    return (Button(say("button.show"), pressing("show", inquiry.number, inquiry.version), Style.QUIET),)


def outcome_buttons(call: PhoneCall, say: Speaker) -> tuple[Button, ...]:
    """What came of a call, each one press."""
    return tuple(
        Button(say(f"phone.outcome.{one}"), pressing("phone_end", call=str(call.id), outcome=one.value))
        for one in OUTCOMES
    )


def _heading(call: PhoneCall, caller: str, say: Speaker) -> str:
    time = length_told(call, say)
    if call.outcome is Outcome.UNANSWERED or not time:
        return say("phone.missed", caller=caller) if call.started_at is None else say("phone.over", caller=caller)
    return say("phone.talked", caller=caller, time=time)


def _caution(view: CallerView, say: Speaker) -> tuple[Text, ...]:
    if not view.caution:
        return ()
    return ((say("history.caution", reason=shorten(one_line(view.caution), REASON_LENGTH)),),)


def _since(call: PhoneCall, view: CallerView, say: Speaker) -> tuple[Text, ...]:
    """Their number, unless the title is it, and since when they talk."""
    number = f"{view.spoken} · " if view.spoken and view.name else ""
    began = say.text("phone.began", since=say.since(call.started_at)) if call.started_at else ()
    told: Text = (number, *began) if number else began
    return (told,) if told else ()


def _when(call: PhoneCall, view: CallerView, say: Speaker) -> tuple[Text, ...]:
    number = f"{view.spoken} · " if view.spoken and view.name else ""
    if call.started_at and call.ended:
        ended = max(call.ended.at, call.started_at)
        is_brief = say.clock(call.started_at) == say.clock(ended)
        times = say.text("phone.from_to", start=say.at(call.started_at), end=say.at(ended))
        times = (say.at(call.started_at),) if is_brief else times
    else:
        times = (say.at(call.ended.at),) if call.ended else ()
    lines: list[Text] = [(number, *times)] if number else [times]
    if call.is_estimated:
        lines.append((say("phone.estimated"),))
    return tuple(line for line in lines if line)


def _about(view: CallerView, say: Speaker) -> tuple[Text, ...]:
    return ((shorten(inquiry_title(view.inquiry, say), SUBJECT_LENGTH),),) if view.inquiry else ()


def _asked(inquiry: Inquiry | None) -> str:
    """What the inquiry asks beyond its subject."""
    if inquiry is None or not inquiry.readable:
        return ""
    asked = one_line(inquiry.excerpt).removeprefix(one_line(inquiry.subject)).strip()
    return shorten(asked, ASKED_LENGTH)


def _calls(view: CallerView, say: Speaker) -> tuple[Text, ...]:
    return (calls_told(view.calls, say),) if view.calls else ()


def _contacts(view: CallerView, say: Speaker) -> list[Item]:
    return part(say("phone.contacts"), [_contact(one, answer, say) for one, answer in view.contacts])


def _contact(inquiry: Inquiry, answer: str, say: Speaker) -> Item:
    at = (inquiry.resolved_at or inquiry.opened_at) if inquiry.is_resolved else inquiry.opened_at
    detail: Text = (say(f"status.{inquiry.status}"), " · ", say.at(at))
    if answer:
        detail += (f" · {shorten(one_line(answer), ANSWER_LENGTH)}",)
    button = show_button(inquiry, say)
    return Item((shorten(inquiry_title(inquiry, say), SUBJECT_LENGTH),), detail, button[0] if button else None)


def _texts(view: CallerView, say: Speaker) -> list[Item]:
    number = view.inquiry.number if view.inquiry else None
    return part(say("phone.fitting"), [_text(one, number, say) for one in view.texts])


def _text(text: FittingText, number: int | None, say: Speaker) -> Item:
    match text.kind:
        case "template":
            button = Button(say("phone.use"), pressing("template", number, template=f"id:{text.ref}"))
        case "article":
            button = Button(say("phone.use"), pressing("article_use", number, article=f"id:{text.ref}"))
        case _:
            button = Button(say("button.show"), pressing("show", text.ref))
    heading = shorten(one_line(text.title), SUBJECT_LENGTH) or f"#{text.ref}"
    kind = say(f"choice.{text.kind}")
    words = _VARIABLE.sub(BLANK, text.text) if text.kind == "template" else text.text
    return Item((heading,), (f"{kind} · {shorten(one_line(words), TEXT_LENGTH)}",), button)


def _lesson(advice: Advice, say: Speaker) -> Item:
    """A piece of advice whose words worked, and the button that makes an article of it."""
    who = advice.sender.name if advice.sender else ""
    state = say("phone.helped" if advice.state is AdviceState.HELPED else "phone.used")
    button = Button(say("phone.make_article"), pressing("article_draft", advice=str(advice.id)))
    return Item((one_line(advice.text),), (" · ".join(filter(None, (who, state))),), button)


def _while_on(call: PhoneCall, view: CallerView, say: Speaker, is_own: bool) -> tuple[Button, ...]:
    if not is_own:
        whisper = Button(say("button.whisper"), pressing("whisper", call=str(call.id)), Style.PRIMARY)
        return (whisper, end_button(call, say, Style.NORMAL), *show_button(view.inquiry, say))
    help_me = Button(say("button.help_me"), pressing("help_me", call=str(call.id)))
    return (end_button(call, say), help_me, *show_button(view.inquiry, say))


def _afterwards(call: PhoneCall, view: CallerView, say: Speaker, is_own: bool) -> tuple[Button, ...]:
    look = show_button(view.inquiry, say)
    if call.outcome is None:
        return (*outcome_buttons(call, say), *look) if is_own else look
    inquiry = view.inquiry
    if call.outcome is Outcome.CALL_BACK and inquiry and look and not inquiry.is_resolved and is_own:
        later = pressing("followup", inquiry.number, inquiry.version)
        return (Button(say("button.followup"), later), *look)
    return look
