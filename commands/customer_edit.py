"""Edit a customer: what they are called, how that is read, their language and tags."""

import re

from bot.call import Call
from bot.cards.customer_card import called
from bot.cards.word import word
from bot.chat.card import Button, Choice, Form, Input, InputKind
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line, shorten
from bot.domain.customer import Person
from bot.domain.errors import Refusal
from bot.seeking import by_id, one_person
from bot.translator import LANGUAGES

NAME_LENGTH, TAG_LENGTH = 200, 40
MOST_TAGS = 20
UNKNOWN = "unknown"
FIELDS = ("name", "kana", "language", "tags")
_BETWEEN_TAGS = re.compile("[,、，;\n]")
_NOTHING = ("", UNKNOWN, "none", "なし")


async def customer_edit(call: Call) -> Answer:
    """Write down what was given, and leave the rest; when nothing was, ask with what is known filled in."""
    person = await one_person(call)
    filled_in = call.text("whole") == "yes"
    if not filled_in and not any(name in call.options for name in FIELDS):
        return _form(call, person)

    def given(name: str, known: str) -> str:
        return call.text(name) if filled_in or name in call.options else known

    name, kana = (shorten(one_line(given(one, getattr(person, one))), NAME_LENGTH) for one in ("name", "kana"))
    language = _language(given("language", person.language))
    tags = _tags(given("tags", ",".join(person.tags)))
    await call.tx.customers.describe(person.id, name, kana, language, tags, call.act)
    after = await call.tx.customers.person(person.id) or person
    look = Button(call.say("button.customer"), pressing("customer", customer=by_id(person.id)))
    return word(call.say("customer.described", customer=called(after, call.say, call.region)), buttons=(look,))


def _form(call: Call, person: Person) -> Form:
    say = call.say
    languages = [Choice(one, say(f"choice.{one}")) for one in (*LANGUAGES, UNKNOWN)]
    return Form(
        title=say("form.customer_edit"),
        call=pressing("customer_edit", customer=by_id(person.id), whole="yes"),
        inputs=(
            Input("name", say("option.name"), value=person.name),
            Input("kana", say("option.kana"), value=person.kana, hint=say("hint.customer_edit.kana")),
            Input(
                "language",
                say("option.language"),
                InputKind.CHOICE,
                value=person.language if person.language in LANGUAGES else UNKNOWN,
                choices=tuple(languages),
            ),
            Input("tags", say("option.tags"), value=", ".join(person.tags), hint=say("hint.customer_edit.tags")),
        ),
        submit=say("customer.save"),
        cancel=say("form.cancel"),
    )


def _language(given: str) -> str:
    plain = given.strip().casefold()
    if plain in _NOTHING:
        return ""
    if plain not in LANGUAGES:
        raise Refusal("customer.language", given=shorten(given, NAME_LENGTH))
    return plain


def _tags(given: str) -> list[str]:
    tags = (shorten(one_line(one), TAG_LENGTH) for one in _BETWEEN_TAGS.split(given))
    return list(dict.fromkeys(filter(None, tags)))[:MOST_TAGS]


COMMAND = Command(
    "customer_edit",
    customer_edit,
    (
        Option("customer", Kind.CUSTOMER),
        Option("inquiry", Kind.INQUIRY, named=True),
        Option("name", Kind.TEXT, named=True),
        Option("kana", Kind.TEXT, named=True),
        Option("language", Kind.CHOICE, choices=(*LANGUAGES, UNKNOWN), named=True),
        Option("tags", Kind.TEXT, named=True),
    ),
)
