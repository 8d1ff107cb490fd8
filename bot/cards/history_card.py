"""A customer's history: who it is, what is open, and what was answered before; enough to stand in for somebody."""

from collections.abc import Sequence

from bot.cards.call_words import calls_told
from bot.cards.customer_card import called, known_by, part
from bot.cards.inquiry_card import title
from bot.chat.card import Button, Card, Field, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text, one_line, shorten
from bot.domain.customer import Person
from bot.domain.inquiry import Inquiry
from bot.domain.phone import PhoneCall
from bot.translator import Speaker

PAGE = 8
"""Contacts a page: each is a row with a button, and Discord's cards hold forty parts."""
COUNTED = 100
"""Contacts that are counted; of more, it is said that there are."""
ANSWER_LENGTH, ASKED_LENGTH, NOTE_LENGTH, REASON_LENGTH = 140, 90, 300, 400
"""Characters: a row's detail holds 300 on Discord, a line 600."""


def history_card(
    person: Person,
    contacts: Sequence[tuple[Inquiry, str]],
    total: int,
    page: int,
    spelt: str,
    say: Speaker,
    region: str = "",
    calls: Sequence[PhoneCall] = (),
) -> Card:
    """One page of what somebody asked, each with what they were told, the open ones first.

    `total` is counted up to COUNTED beyond the page; `spelt` is how a button names the customer, and
    `region` where phone numbers need no country. `calls` are those with them that are over, the newest first.
    """
    is_exact = total < page * PAGE + COUNTED
    customer = called(person, say, region)
    if not total:
        heading = say("history.none", customer=customer)
    elif is_exact:
        heading = say("history.title", customer=customer, count=total)
    else:
        heading = say("history.many", customer=customer, number=COUNTED)
    caution = say("history.caution", reason=shorten(one_line(person.caution), REASON_LENGTH))
    about = {one.number: [call for call in calls if call.inquiry == one.number] for one, _ in contacts}
    open_ones = [item(one, answer, say, about[one.number]) for one, answer in contacts if not one.is_resolved]
    done = [item(one, answer, say, about[one.number]) for one, answer in contacts if one.is_resolved]
    return Card(
        title=heading,
        tone=Tone.OPEN if open_ones else Tone.DONE,
        lines=((caution,),) if person.caution else (),
        fields=(*_fields(person, region, say), *_calls(calls, say)),
        items=(*part(say("history.open"), open_ones), *part(say("history.done"), done)),
        buttons=_turns(spelt, page, total, say),
        footer=_footer(page, total, is_exact, say),
        summary=heading,
    )


def item(inquiry: Inquiry, answer: str, say: Speaker, calls: Sequence[PhoneCall] = ()) -> Item:
    """An inquiry as a row, with what one would do next: what was answered, or what is asked while nobody did.

    `calls` are those about it, the newest first.
    """
    key = "history.detail_done" if inquiry.is_resolved else "history.detail_open"
    detail = say.text(
        key,
        status=say(f"status.{inquiry.status}"),
        holder=inquiry.holder.name if inquiry.holder else say("card.nobody"),
        queue=inquiry.queue,
        at=say.at((inquiry.resolved_at or inquiry.opened_at) if inquiry.is_resolved else inquiry.opened_at),
    )
    if calls and calls[0].started_at:
        detail += say.text("history.called", count=len(calls), at=say.at(calls[0].started_at))
    if answer:
        detail += say.text("history.answer", answer=shorten(one_line(answer), ANSWER_LENGTH))
    elif asked := _asked(inquiry):
        detail += say.text("history.asked", text=shorten(asked, ASKED_LENGTH))
    is_free = inquiry.holder is None and not inquiry.is_resolved
    verb, style = ("claim", Style.PRIMARY) if is_free else ("show", Style.NORMAL)
    button = Button(say(f"button.{verb}"), call(verb, inquiry.number, inquiry.version), style)
    return Item((title(inquiry, say),), detail, button)


def _calls(calls: Sequence[PhoneCall], say: Speaker) -> tuple[Field, ...]:
    return (Field(say("history.calls"), calls_told(calls, say)),) if calls else ()


def _asked(inquiry: Inquiry) -> str:
    """What an open inquiry asks, beyond its subject."""
    if inquiry.is_resolved or not inquiry.readable:
        return ""
    return one_line(inquiry.excerpt).removeprefix(one_line(inquiry.subject)).strip()


def _fields(person: Person, region: str, say: Speaker) -> tuple[Field, ...]:
    fields: list[tuple[str, Text]] = [
        (say("history.kana"), (person.kana,)),
        (say("history.known_by"), (known_by(person.identities, region),)),
        (say("history.tags"), (", ".join(person.tags),)),
    ]
    for note in person.notes[:1]:
        text = shorten(one_line(note.text), NOTE_LENGTH)
        writer = note.agent.name if note.agent else "-"
        fields.append((say("history.note"), say.text("history.noted", text=text, person=writer, at=say.at(note.at))))
    return tuple(Field(label, value) for label, value in fields if value != ("",))


def _turns(spelt: str, page: int, total: int, say: Speaker) -> tuple[Button, ...]:
    def turn(key: str, to: int) -> Button:
        return Button(say(key), call("history", customer=spelt, page=str(to)))

    back = (turn("history.back", page - 1),) if page > 1 else ()
    on = (turn("history.on", page + 1),) if page * PAGE < total else ()
    return back + on


def _footer(page: int, total: int, is_exact: bool, say: Speaker) -> Text:
    if total <= PAGE:
        return ()
    pages = -(-total // PAGE)
    return (say("queue.page", page=page, pages=pages) if is_exact else say("history.page", page=page),)
