"""The forms that ask for what a call still lacks, and the values that an option may take."""

from collections.abc import Mapping, Sequence

from bot.call import Call
from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import call
from bot.domain.customer import Person
from bot.domain.folding import folded
from bot.domain.identity import IdentityKind, spoken
from bot.level_file import read
from bot.ports import Transaction
from bot.translator import Speaker

SUGGESTED = 25
"""Values that are suggested while somebody types: as many as Discord takes."""
CUSTOMERS = 10
"""Customers that are suggested: each is read whole."""
LISTED = 100
"""Templates that a form lists, as many as Slack takes; one writes the name where there are more."""
VALUE_LENGTH = 75
"""Characters of a value that every platform carries."""
KINDS = {Kind.TEXT: InputKind.PARAGRAPH, Kind.MEMBER: InputKind.MEMBER}


def missing_options(options: Sequence[Option], given: Mapping[str, str]) -> list[Option]:
    """The options that a form must ask for."""
    return [one for one in options if _is_missing(one, given)]


async def form_for(command: Command[Call], asked: Call, missing: Sequence[Option]) -> Form:
    """A form for what is missing; what the call has already is kept in the form's own call."""
    say, seen = asked.say, asked.seen
    named = {name: value for name, value in asked.options.items() if name != "inquiry" and value}
    inquiry = await asked.inquiry() if asked.text("inquiry") else None
    number = inquiry.number if inquiry else None
    if inquiry and seen is None:
        seen = inquiry.version
    return Form(
        title=say(f"form.{command.name}", inquiry=number or "").strip(" #:"),
        call=call(command.name, number, seen, **named),
        inputs=tuple([await _input(command, one, asked) for one in missing]),
        submit=say(next(one for one in _submits(command.name) if say.knows(one))),
        cancel=say("form.cancel"),
    )


def _submits(name: str) -> tuple[str, ...]:
    """What a form's button may be called: as it does something else than the command's own button, or as that does."""
    return f"submit.{name}", f"button.{name}", "form.submit"


async def suggestions(option: Option, tx: Transaction, say: Speaker, typed: str) -> list[Choice]:
    """Values of an option that fit what was typed of it so far, at most 25."""
    match option.kind:
        case Kind.TEMPLATE:
            return await _templates(tx, typed, SUGGESTED, say.language)
        case Kind.CUSTOMER:
            return await _customers(tx, typed)
    fold = folded(typed.lstrip("#@＃＠"))
    choices = await choices_of(option, tx, say)
    return [one for one in choices if fold in folded(f"{one.value} {one.label}")][:SUGGESTED]


async def choices_of(option: Option, tx: Transaction, say: Speaker) -> list[Choice]:
    """The values that an option may take, as far as they can be listed."""
    match option.kind:
        case Kind.PERSON:
            return [Choice(agent.name, agent.name) for agent in await tx.agents.all()]
        case Kind.QUEUE:
            return [Choice(queue.name, queue.name) for queue in await tx.queues.all()]
        case Kind.CHOICE:
            return [Choice(value, say(f"choice.{value}")) for value in option.choices]
        case Kind.INQUIRY:
            waiting, _ = await tx.inquiries.waiting(None, 0, 100)
            return [Choice(str(one.number), f"#{one.number} {one.subject}") for one in waiting]
        case Kind.LEVEL:
            kept = await tx.levels.current()
            return [Choice(one.name, one.name) for one in read(kept.body).levels] if kept else []
        case Kind.TEMPLATE:
            known = await _templates(tx, "", LISTED + 1, say.language)
            return known if len(known) <= LISTED else []
    return []


async def _templates(tx: Transaction, typed: str, limit: int, language: str) -> list[Choice]:
    """Templates by name, each once, with the title that its reader understands: the one to be used shows later."""
    choices: dict[str, Choice] = {}
    for one in await tx.templates.matching(typed, limit):
        if one.name not in choices or one.language == language:
            choices[one.name] = Choice(one.name, f"{one.name} · {one.title}")
    return list(choices.values())


async def _customers(tx: Transaction, typed: str) -> list[Choice]:
    """Customers by what `bot.seeking` knows them by again, with their names."""
    if not typed.strip():
        return []
    people = [await tx.customers.person(one) for one in await tx.search.customers(typed, CUSTOMERS)]
    return [Choice(_value_of(one), _label_of(one)) for one in people if one]


def _value_of(person: Person) -> str:
    """An address, which says to its reader whom it means, else the number of the record."""
    addresses = [one.value for one in person.identities if one.kind is IdentityKind.MAIL]
    return next((one for one in addresses if len(one) <= VALUE_LENGTH), _by_id(person))


def _label_of(person: Person) -> str:
    told = " · ".join(filter(None, (person.name, *(spoken(one) for one in person.identities[:2]))))
    return told or _by_id(person)


def _by_id(person: Person) -> str:
    """As `bot.seeking.by_id` writes it, which is of this layer too."""
    return f"id:{person.id}"


async def _input(command: Command[Call], option: Option, asked: Call) -> Input:
    say = asked.say
    choices = await choices_of(option, asked.tx, say) if option.kind is not Kind.INQUIRY else []
    kind = InputKind.CHOICE if choices else KINDS.get(option.kind, InputKind.LINE)
    if option.is_line:
        kind = InputKind.LINE
    if option.kind is Kind.MEMBER:
        choices = [Choice(one.user, one.name) for one in asked.invocation.profiles.values() if one.may_join]
    label, hint = f"label.{command.name}.{option.name}", f"hint.{command.name}.{option.name}"
    return Input(
        name=option.name,
        label=say(label) if say.knows(label) else say(f"option.{option.name}"),
        kind=kind,
        required=option.required,
        hint=say(hint) if say.knows(hint) else "",
        choices=tuple(choices),
    )


def _is_missing(option: Option, given: Mapping[str, str]) -> bool:
    if option.required:
        return not given.get(option.name, "").strip()
    return option.asked and option.name not in given
