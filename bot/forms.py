"""The forms that ask for what a call still lacks, and the values that an option may take."""

from collections.abc import Mapping, Sequence

from bot.call import Call
from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import call
from bot.ports import Transaction
from bot.translator import Speaker

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
        title=say(f"form.{command.name}", inquiry=number or "").strip(" #"),
        call=call(command.name, number, seen, **named),
        inputs=tuple([await _input(command, one, asked) for one in missing]),
        submit=say(f"button.{command.name}") if say.knows(f"button.{command.name}") else say("form.submit"),
        cancel=say("form.cancel"),
    )


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
    return []


async def _input(command: Command[Call], option: Option, asked: Call) -> Input:
    say = asked.say
    choices = await choices_of(option, asked.tx, say) if option.kind is not Kind.INQUIRY else []
    kind = InputKind.CHOICE if choices else KINDS.get(option.kind, InputKind.LINE)
    if option.kind is Kind.MEMBER:
        choices = [Choice(one.user, one.name) for one in asked.invocation.profiles.values() if one.may_join]
    hint = f"hint.{command.name}.{option.name}"
    return Input(
        name=option.name,
        label=say(f"option.{option.name}"),
        kind=kind,
        required=option.required,
        hint=say(hint) if say.knows(hint) else "",
        choices=tuple(choices),
    )


def _is_missing(option: Option, given: Mapping[str, str]) -> bool:
    if option.required:
        return not given.get(option.name, "").strip()
    return option.asked and option.name not in given
