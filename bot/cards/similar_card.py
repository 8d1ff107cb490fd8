"""A past answer to a question like one that is open: one at a time, to be judged by who reads it."""

from typing import Protocol

from bot.cards.inquiry_card import title
from bot.chat.card import Button, Card, Field, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text, one_line, shorten
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker

OFFERED = 5
"""Past answers that are offered, one at a time."""
QUESTION_LENGTH = 300
"""Characters of the question; Details has the whole."""


class Past(Protocol):
    """A resolved inquiry with its answer, and how many found it helpful for another one, or did not."""

    @property
    def question(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def helpful(self) -> int: ...
    @property
    def unhelpful(self) -> int: ...


def similar_card(number: int, past: Past, about: Inquiry, place: int, places: int, thanks: bool, say: Speaker) -> Card:
    """The answer given in `about`, offered for inquiry `number`; the `place`th of so many.

    `thanks`: its reader has just judged another one.
    """
    heading = title(about, say)
    return Card(
        title=heading,
        tone=Tone.DONE,
        badge=say("similar.badge"),
        lines=((say("rate.thanks"),),) if thanks else (),
        fields=_fields(past, about, say),
        copy=past.answer.strip(),
        buttons=_buttons(number, about, place, places, say),
        footer=_footer(past, place, places, say),
        summary=heading,
    )


def none_card(number: int, say: Speaker) -> Card:
    """That there is no answer to a question like it, and what else there is to try."""
    text = say("similar.none", inquiry=number)
    buttons = (Button(say("button.find"), call("find")), Button(say("button.show"), call("show", number)))
    return Card(title=text, lines=((say("similar.try_find"),),), buttons=buttons, summary=text)


def thanks_card(number: int, say: Speaker) -> Card:
    """That the last one has been judged."""
    text = say("rate.last", inquiry=number)
    return Card(title=text, tone=Tone.DONE, buttons=(Button(say("button.show"), call("show", number)),), summary=text)


def _fields(past: Past, about: Inquiry, say: Speaker) -> tuple[Field, ...]:
    question = one_line(past.question).removeprefix(one_line(about.subject)).strip()
    question = shorten(question, QUESTION_LENGTH)
    fields = [Field(say("similar.question"), (question,))] if question else []
    if about.resolved_at:
        holder = about.holder.name if about.holder else say("card.nobody")
        resolved: Text = say.text("similar.resolved", holder=holder, at=say.at(about.resolved_at))
        fields.append(Field(say("status.resolved"), resolved))
    return tuple(fields)


def _buttons(number: int, about: Inquiry, place: int, places: int, say: Speaker) -> tuple[Button, ...]:
    def rate(verdict: str, style: Style) -> Button:
        made = call("rate", number, None, about=str(about.number), verdict=verdict, place=str(place))
        return Button(say(f"choice.{verdict}"), made, style)

    on = (Button(say("similar.on"), call("similar", number, None, place=str(place + 1))),) if place < places else ()
    show = Button(say("button.show"), call("show", about.number, about.version))
    return (rate("helpful", Style.PRIMARY), rate("not_helpful", Style.NORMAL), *on, show)


def _footer(past: Past, place: int, places: int, say: Speaker) -> Text:
    told = say("similar.place", place=place, places=places)
    if past.helpful or past.unhelpful:
        told += " · " + say("similar.opinions", helpful=past.helpful, unhelpful=past.unhelpful)
    return (told,)
