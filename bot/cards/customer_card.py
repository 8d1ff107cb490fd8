"""A customer as the team knows them; and the questions before two are joined, or one is taken out again."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.chat.card import Button, Card, Field, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text, one_line, shorten
from bot.domain.customer import Person, Record, by_id
from bot.domain.identity import Identity, IdentityKind, spoken, spoken_phone
from bot.translator import Speaker

NOTES, JOINED = 5, 6
"""The newest notes, and the joined records, that are shown."""
NAME_LENGTH, NOTE_LENGTH, REASON_LENGTH = 80, 200, 400
IDENTITIES = 6
WHICH = {"customer": "customer.which", "history": "history.several"}
"""How one is asked who is meant, by what is asked of them."""
COUNTED = 100
"""Inquiries that are counted; of more, it is said that there are."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """Somebody who may be the same person; `phone` is the number in E.164 that says so, empty where names do."""

    person: int
    name: str
    phone: str = ""
    identities: tuple[Identity, ...] = ()


def customer_card(person: Person, contacts: int, maybe: Sequence[Maybe], region: str, say: Speaker) -> Card:
    """Who it is, by what they are known, what was noted, and who may be the same."""
    heading = called(person, say, region)
    reason = shorten(one_line(person.caution), REASON_LENGTH)
    return Card(
        title=heading,
        tone=Tone.WAITING if person.caution else Tone.QUIET,
        badge=say("customer.flagged") if person.caution else "",
        lines=((say("customer.caution", reason=reason),),) if person.caution else (),
        fields=_fields(person, contacts, region, say),
        items=(*_notes(person, say), *_joined(person, region, say), *_maybe(person, maybe, region, say)),
        buttons=_buttons(person, say),
        summary=heading,
    )


def people_card(people: Sequence[Person], verb: str, given: str, region: str, say: Speaker) -> Card:
    """Those who may be meant, each with the button that asks `verb` ("customer", "history") of them."""
    heading = say(WHICH[verb], given=shorten(one_line(given), NAME_LENGTH))
    rows = [
        Item(
            (called(person, say, region),),
            (" · ".join(filter(None, (person.kana, known_by(person.identities, region)))),),
            Button(say(f"button.{verb}"), call(verb, customer=by_id(person.id))),
        )
        for person in people
    ]
    return Card(title=heading, tone=Tone.OPEN, items=tuple(rows), summary=heading)


def merge_card(kept: Person, gone: Person, contacts: tuple[int, int], sure: str, region: str, say: Speaker) -> Card:
    """Both customers, one under the other, with the button that joins them; `contacts` of each in that order."""
    heading = say("customer.merge_question")
    press = call("customer_merge", customer=by_id(kept.id), other=by_id(gone.id), sure=sure)
    return Card(
        title=heading,
        tone=Tone.OPEN,
        lines=((say("customer.merge_means"),),),
        items=(
            Item((say("customer.stays"),), heading=True),
            _described(kept, contacts[0], region, say),
            Item((say("customer.joins"),), heading=True),
            _described(gone, contacts[1], region, say),
        ),
        buttons=(
            Button(say("button.customer_merge"), press, Style.PRIMARY),
            Button(say("button.customer"), call("customer", customer=by_id(kept.id))),
        ),
        summary=heading,
    )


def split_card(person: Person, record: int, came_by: int, sure: str, region: str, say: Speaker) -> Card:
    """What goes with a record when it is taken out, and what stays, with the button that does it."""
    moved = person.splitting(record)
    staying = tuple(one for one in person.records if one not in moved)
    heading = say("customer.split_question", customer=called(person, say, region))
    return Card(
        title=heading,
        tone=Tone.OPEN,
        lines=((say("customer.split_means", count=came_by),),),
        items=(
            Item((say("customer.goes"),), heading=True),
            *(_row(one, region, say) for one in moved),
            Item((say("customer.stays"),), heading=True),
            *(_row(one, region, say) for one in staying),
        ),
        buttons=(
            Button(say("button.customer_split"), call("customer_split", record=str(record), sure=sure), Style.DANGER),
            Button(say("button.customer"), call("customer", customer=by_id(person.id))),
        ),
        summary=heading,
    )


def called(person: Person, say: Speaker, region: str) -> str:
    """What somebody is called on a card: by name, else by the first that is known of them."""
    known = person.name or known_by(person.identities[:1], region)
    return shorten(one_line(known), NAME_LENGTH) or say("card.unknown_customer")


def are_namesakes(one: str, other: str) -> bool:
    """True for names that differ in nothing but spaces: an answer with both would say the same twice."""
    return "".join(one.split()) == "".join(other.split())


def known_by(identities: Sequence[Identity], region: str) -> str:
    """Identities as people write them; how many more there are, when they are many."""
    known = [shorten(one_line(spoken(one, region)), NAME_LENGTH) for one in identities]
    return ", ".join(known[:IDENTITIES]) + (f" (+{len(known) - IDENTITIES})" if len(known) > IDENTITIES else "")


def _fields(person: Person, contacts: int, region: str, say: Speaker) -> tuple[Field, ...]:
    language = say(f"choice.{person.language}") if say.knows(f"choice.{person.language}") else person.language
    mails = [one for one in person.identities if one.kind is IdentityKind.MAIL]
    others = [one for one in person.identities if one.kind is not IdentityKind.MAIL]
    fields: list[tuple[str, Text]] = [
        (say("option.kana"), (shorten(one_line(person.kana), NAME_LENGTH),)),
        (say("customer.mail"), (known_by(mails, region),)),
        (say("customer.phone"), (known_by(others, region),)),
        (say("option.language"), (language,)),
        (say("option.tags"), (", ".join(one_line(tag) for tag in person.tags),)),
        (say("customer.contacts"), (str(contacts) if contacts <= COUNTED else f"{COUNTED}+",)),
    ]
    return tuple(Field(label, value) for label, value in fields if value != ("",))


def _notes(person: Person, say: Speaker) -> list[Item]:
    rows = [
        Item(
            (shorten(one_line(note.text), NOTE_LENGTH),),
            say.text("customer.noted_by", person=note.agent.name if note.agent else "-", at=say.at(note.at)),
        )
        for note in person.notes[:NOTES]
    ]
    return part(say("customer.notes", count=len(person.notes)), rows)


def _joined(person: Person, region: str, say: Speaker) -> list[Item]:
    joined = [one for one in person.records if one.merged_into is not None][:JOINED]
    label = say("button.customer_split")
    rows = [_row(one, region, say, Button(label, call("customer_split", record=str(one.id)))) for one in joined]
    return part(say("customer.joined"), rows)


def _maybe(person: Person, maybe: Sequence[Maybe], region: str, say: Speaker) -> list[Item]:
    rows = []
    for one in maybe:
        phone = spoken_phone(one.phone, region) if one.phone else ""
        why = say("customer.maybe_phone", phone=phone) if phone else say("customer.maybe_name")
        press = call("customer_merge", customer=by_id(person.id), other=by_id(one.person))
        name = shorten(one_line(one.name), NAME_LENGTH) or say("card.unknown_customer")
        told = " · ".join(filter(None, (known_by(one.identities, region), why)))
        rows.append(Item((name,), (told,), Button(say("button.customer_merge"), press)))
    return part(say("customer.maybe"), rows)


def _buttons(person: Person, say: Speaker) -> tuple[Button, ...]:
    customer = by_id(person.id)
    verbs = ("history", "customer_edit", "customer_note")
    buttons = tuple(Button(say(f"button.{verb}"), call(verb, customer=customer)) for verb in verbs)
    press = call("customer_caution", customer=customer)
    if not person.caution:
        return (*buttons, Button(say("button.customer_caution"), press))
    lift = Button(say("customer.lift"), call("customer_caution", customer=customer, reason="none"))
    return (*buttons, Button(say("customer.change_reason"), press), lift)


def _described(person: Person, contacts: int, region: str, say: Speaker) -> Item:
    is_exact = contacts <= COUNTED
    came = say("customer.inquiries", count=contacts) if is_exact else say("customer.many", number=COUNTED)
    told = (person.kana, known_by(person.identities, region), came)
    return Item((called(person, say, region),), (" · ".join(one_line(one) for one in told if one),))


def _row(record: Record, region: str, say: Speaker, button: Button | None = None) -> Item:
    identities = known_by(record.identities, region)
    name = shorten(one_line(record.name), NAME_LENGTH)
    if name:
        return Item((name,), (identities,) if identities else (), button)
    return Item((identities or say("card.unknown_customer"),), (), button)


def part(heading: str, rows: Sequence[Item]) -> list[Item]:
    """Rows under their heading; nothing where there are none."""
    return [Item((heading,), heading=True), *rows] if rows else []
