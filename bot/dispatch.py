"""One command call: who asks, may they, one transaction, an answer in words. The error boundary of commands."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.word import refusal_card, word
from bot.chat.card import Card, Choice, Form, Input, InputKind, Tone
from bot.chat.command import Command, Kind, Option, plain_number, typed_options
from bot.chat.invocation import Answer, Invocation, call
from bot.domain.agent import Agent
from bot.domain.errors import Conflict, Refusal
from bot.domain.events import Act
from bot.domain.inquiry import Inquiry
from bot.ports import Clock, Handle, Meter, Place, Store, StoreDown, Transaction
from bot.translator import Speaker, Translator

ATTEMPTS = 20
"""How often a command that lost a race is decided anew before it counts as a bug."""

LARGEST = 10**9
"""No number of ours is larger; databases hold a little more."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command inside its transaction. `agent` is None only for commands that anybody may use."""

    invocation: Invocation
    options: Mapping[str, str]
    tx: Transaction
    act: Act
    say: Speaker
    seen: int | None
    commands: Sequence[Command["Call"]]

    @property
    def agent(self) -> Agent:
        """Who asks. Raises Refusal when they are not of the team."""
        if self.act.agent is None:
            raise Refusal("refused.stranger")
        return self.act.agent

    @property
    def handle(self) -> Handle:
        """Who asks, on their platform."""
        return Handle(self.invocation.platform, self.invocation.user)

    @property
    def place(self) -> Place:
        """Where they ask."""
        return Place(self.invocation.platform, self.invocation.channel)

    def text(self, name: str) -> str:
        """An option's words, empty when it was not given."""
        return self.options.get(name, "").strip()

    def number(self, name: str, default: int) -> int:
        """An option's number. Raises Refusal when it is none."""
        given = self.text(name)
        try:
            number = plain_number(given) if given else default
        except ValueError:
            raise Refusal("refused.number", given=given) from None
        if abs(number) > LARGEST:
            raise Refusal("refused.number", given=given)
        return number

    async def inquiry(self, name: str = "inquiry") -> Inquiry:
        """The inquiry that an option names. Raises Refusal when there is none of that number."""
        number = self.number(name, 0)
        found = await self.tx.inquiries.get(number) if number > 0 else None
        if found is None:
            raise Refusal("refused.no_inquiry", inquiry=number)
        return found

    async def person(self, name: str) -> Agent:
        """The agent whom an option names, by name, handle or "me". Raises Refusal when nobody or several fit."""
        given = self.text(name)
        if given.lower() == "me":
            return self.agent
        by_handle = await self.tx.agents.by_handle(Handle(self.invocation.platform, plain_handle(given)))
        if by_handle:
            return by_handle
        team = await self.tx.agents.all()
        wanted = given.lstrip("@").casefold()
        exact = [agent for agent in team if agent.name.casefold() == wanted]
        fitting = exact or [agent for agent in team if wanted and wanted in agent.name.casefold()]
        if len(fitting) != 1:
            names = ", ".join(agent.name for agent in (fitting or team))
            raise Refusal("refused.several" if fitting else "refused.nobody", given=given, names=names)
        return fitting[0]


def plain_handle(given: str) -> str:
    """A handle without the marks that platforms put around it: "@hana" and "<@U1|hana>" are "hana" and "U1"."""
    return given.strip().removeprefix("<").removesuffix(">").lstrip("@!").partition("|")[0]


class Dispatch:
    """The one door for commands: `bot.ports.Desk` for every platform."""

    def __init__(
        self,
        store: Store,
        commands: Sequence[Command[Call]],
        translator: Translator,
        clock: Clock,
        meter: Meter,
        language: str,
        time_zone: str,
    ) -> None:
        self._store = store
        self._commands = {command.name: command for command in commands}
        self._translator = translator
        self._clock = clock
        self._meter = meter
        self._language = language
        self._time_zone = time_zone

    async def call(self, invocation: Invocation) -> Answer:
        """Carry out a command; never raises, the answer says in words what went wrong."""
        say = self._speaker(None, invocation)
        try:
            return await self._decided(invocation)
        except StoreDown as error:
            log.error("a command met a database that is down", extra={"verb": invocation.verb, "why": str(error)})
            return word(say("refused.store_down"), Tone.ALERT)
        except Exception:  # the boundary: a bug must not leave its presser without an answer
            reference = secrets.token_hex(4)
            log.exception("a command failed", extra={"verb": invocation.verb, "reference": reference})
            self._meter.count("madoguchi_command_errors_total", verb=invocation.verb)
            return word(say("refused.bug", reference=reference), Tone.ALERT)

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        """Values for an option that fit what was typed so far, for people of the team; at most 25."""
        command = self._commands.get(invocation.verb)
        wanted = next((one for one in command.options if one.name == option), None) if command else None
        if wanted is None:
            return ()
        try:
            async with self._store.snapshot() as tx:
                agent = await tx.agents.by_handle(Handle(invocation.platform, invocation.user))
                if agent is None or agent.role is None:
                    return ()
                choices = await self._choices(tx, wanted, self._speaker(agent, invocation))
        except StoreDown:  # the command itself will say so
            return ()
        fold = typed.lstrip("#@").casefold()
        return [one for one in choices if fold in f"{one.value} {one.label}".casefold()][:25]

    async def _decided(self, invocation: Invocation) -> Answer:
        command = self._commands.get(invocation.verb)
        unit = self._store.transaction if command and command.changes else self._store.snapshot
        for _ in range(ATTEMPTS):
            try:
                async with unit() as tx:
                    return await self._run(command, invocation, tx)
            except Conflict:
                continue
            except _FormFirst as wanted:
                return wanted.form
            except Refusal as refusal:
                return await self._refused(refusal, invocation)
        raise Conflict(f"{invocation.verb}: lost {ATTEMPTS} races in a row")

    async def _run(self, command: Command[Call] | None, invocation: Invocation, tx: Transaction) -> Answer:
        if command is None:
            raise Refusal("refused.no_command", given=invocation.verb)
        agent = await tx.agents.by_handle(Handle(invocation.platform, invocation.user))
        if command.role and (agent is None or agent.role is None):
            raise Refusal("refused.stranger")
        if command.role and agent and not agent.may(command.role):
            raise Refusal("refused.role", needed=command.role.value)
        options = await self._options(command, invocation, tx)
        act = Act(self._clock(), invocation.platform, agent)
        every = tuple(self._commands.values())
        asked = Call(invocation, options, tx, act, self._speaker(agent, invocation), invocation.seen, every)
        missing = [one for one in command.options if _is_missing(one, options)]
        if missing:
            form = await self._form(command, asked, missing)
            if not any(one.required for one in missing):
                await command.run(asked)  # a trial: nobody shall fill in a form only to be refused then
            raise _FormFirst(form)
        self._meter.count("madoguchi_commands_total", verb=command.name)
        return await command.run(asked)

    async def _options(self, command: Command[Call], invocation: Invocation, tx: Transaction) -> dict[str, str]:
        """What was pressed or filled in, then what was typed, then the inquiry in whose thread it was typed."""
        given = {**typed_options(invocation.text, command.options), **invocation.options}
        wants = next((one for one in command.options if one.kind is Kind.INQUIRY), None)
        if wants is None or not invocation.message or invocation.options.get(wants.name):
            return given
        here = await tx.placements.inquiry_at(invocation.platform, invocation.channel, invocation.message)
        if here is None:
            return given
        if _names_inquiry(given.get(wants.name, "")):
            return given
        others = [one for one in command.options if one is not wants]
        return {wants.name: str(here), **typed_options(invocation.text, others), **invocation.options}

    async def _form(self, command: Command[Call], asked: Call, missing: Sequence[Option]) -> Form:
        say, seen = asked.say, asked.seen
        named = {name: value for name, value in asked.options.items() if name != "inquiry" and value}
        inquiry = await asked.inquiry() if asked.text("inquiry") else None
        number = inquiry.number if inquiry else None
        if inquiry and seen is None:
            seen = inquiry.version
        inputs = tuple([await self._input(command, one, asked.tx, say) for one in missing])
        return Form(
            title=say(f"form.{command.name}", inquiry=number or "").strip(" #"),
            call=call(command.name, number, seen, **named),
            inputs=inputs,
            submit=say(f"button.{command.name}") if say.knows(f"button.{command.name}") else say("form.submit"),
            cancel=say("form.cancel"),
        )

    async def _input(self, command: Command[Call], option: Option, tx: Transaction, say: Speaker) -> Input:
        choices = tuple(await self._choices(tx, option, say)) if option.kind is not Kind.INQUIRY else ()
        kind = InputKind.CHOICE if choices else InputKind.LINE
        if option.kind is Kind.TEXT:
            kind = InputKind.PARAGRAPH
        hint = f"hint.{command.name}.{option.name}"
        return Input(
            name=option.name,
            label=say(f"option.{option.name}"),
            kind=kind,
            required=option.required,
            hint=say(hint) if say.knows(hint) else "",
            choices=choices,
        )

    async def _choices(self, tx: Transaction, option: Option, say: Speaker) -> list[Choice]:
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

    async def _refused(self, refusal: Refusal, invocation: Invocation) -> Card:
        async with self._store.snapshot() as tx:
            agent = await tx.agents.by_handle(Handle(invocation.platform, invocation.user))
            known = agent is not None and agent.role is not None
            shows = refusal.number is not None and known
            now = await tx.inquiries.get(refusal.number) if shows and refusal.number else None
        say = self._speaker(agent, invocation)
        details = dict(refusal.details)
        if "needed" in details:
            details["needed"] = say(f"choice.{details['needed']}")
        if refusal.key == "refused.stranger":
            details["handle"] = invocation.user
        return refusal_card(replace_details(refusal, details), now, agent, say)

    def _speaker(self, agent: Agent | None, invocation: Invocation) -> Speaker:
        language = agent.language if agent else invocation.language or self._language
        return self._translator.speaker(language, agent.time_zone if agent else self._time_zone, self._clock())


class _FormFirst(Exception):
    """Options are missing: rolls back whatever the trial did, and carries the form that asks for them."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form


def replace_details(refusal: Refusal, details: Mapping[str, object]) -> Refusal:
    """The same refusal, said with other details."""
    return Refusal(refusal.key, number=refusal.number, **details)


def _is_missing(option: Option, options: Mapping[str, str]) -> bool:
    if option.required:
        return not options.get(option.name, "").strip()
    return option.asked and option.name not in options


def _names_inquiry(text: str) -> bool:
    try:
        return plain_number(text) > 0
    except ValueError:
        return False
