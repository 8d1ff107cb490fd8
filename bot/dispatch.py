"""One command call: who asks, may they, one transaction, an answer in words. The error boundary of commands."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from bot.call import Call, Missing
from bot.cards.word import refusal_card, word
from bot.chat.card import Card, Choice, Form, Tone
from bot.chat.command import Command, Kind, plain_number, two_worded, typed_options
from bot.chat.invocation import Answer, Invocation
from bot.chat.profile import Profile
from bot.chat.text import storable
from bot.domain.agent import Agent
from bot.domain.errors import Conflict, Refusal
from bot.domain.events import Act
from bot.forms import form_for, missing_options, suggestions
from bot.members import Members
from bot.ports import Clock, Handle, Meter, Store, StoreDown, Transaction
from bot.translator import Speaker, Translator

ATTEMPTS = 20
"""How often a command that lost a race is decided anew before it counts as a bug."""

log = logging.getLogger(__name__)


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
        region: str = "JP",
        hurrying: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._store = store
        self._commands = {command.name: command for command in commands}
        self._translator = translator
        self._clock = clock
        self._meter = meter
        self._language = language
        self._time_zone = time_zone
        self._region = region
        self._hurrying = hurrying
        self._members = Members(store, clock, language, time_zone)

    async def call(self, invocation: Invocation) -> Answer | None:
        """Carry out a command, once for each event; never raises, the answer says in words what went wrong."""
        say = self._speaker(None, invocation)
        invocation = self._meant(invocation)
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

    async def reply(self, invocation: Invocation) -> Answer | None:
        """Words in the thread under a message of ours: under a board they are whispered. Never raises.

        None where they are nobody's business here; while nothing can be read, nobody knows whether they are.
        """
        try:
            async with self._store.snapshot() as tx:
                if not await tx.phone.board_at(invocation.platform, invocation.channel, invocation.message):
                    return None
        except StoreDown as error:
            log.error("a reply met a database that is down", extra={"why": str(error)})
            return None
        except Exception:  # the boundary
            log.exception("a reply could not be read")
            return None
        return await self.call(replace(invocation, verb="whisper", text="", options={"reply": invocation.text}))

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        """Values for an option that fit what was typed so far, for people of the team; at most 25."""
        invocation = self._meant(invocation)
        command = self._commands.get(invocation.verb)
        wanted = next((one for one in command.options if one.name == option), None) if command else None
        if wanted is None:
            return ()
        try:
            async with self._store.snapshot() as tx:
                agent = await tx.agents.by_handle(Handle(invocation.platform, invocation.user))
                if agent is None or agent.role is None or _is_guest(invocation):
                    return ()
                return await suggestions(wanted, tx, self._speaker(agent, invocation), typed)
        except StoreDown:  # the command itself will say so
            return ()

    async def meet(self, platform: str, profile: Profile) -> None:
        """Take note of what a platform says of a person. Never raises."""
        try:
            await self._members.meet(platform, profile)
        except (StoreDown, Conflict) as error:  # the next roll call makes up for it
            log.error("what a platform says of a person could not be noted", extra={"why": str(error)})

    def _meant(self, invocation: Invocation) -> Invocation:
        """What was typed after the name of a command may be the second word of another's."""
        verb, text = two_worded(invocation.verb, invocation.text, self._commands)
        return invocation if verb == invocation.verb else replace(invocation, verb=verb, text=text)

    async def _decided(self, invocation: Invocation) -> Answer | None:
        command = self._commands.get(invocation.verb)
        unit = self._store.transaction if command and command.changes else self._store.snapshot
        for _ in range(ATTEMPTS):
            try:
                with self._hurrying() if command and command.urgent else nullcontext():
                    async with unit() as tx:
                        return await self._run(command, invocation, tx)
            except Conflict:
                continue
            except _FormFirst as wanted:
                return wanted.form
            except _Repeated:
                return None
            except Refusal as refusal:
                return await self._refused(refusal, invocation)
        raise Conflict(f"{invocation.verb}: lost {ATTEMPTS} races in a row")

    async def _run(self, command: Command[Call] | None, invocation: Invocation, tx: Transaction) -> Answer:
        if command is None:
            raise Refusal("refused.no_command", given=invocation.verb)
        if command.changes and invocation.event and not await tx.arrivals.first(invocation.platform, invocation.event):
            raise _Repeated
        agent = await tx.agents.by_handle(Handle(invocation.platform, invocation.user))
        is_guest = _is_guest(invocation)
        if command.role and (agent is None or agent.role is None or is_guest):
            raise Refusal("refused.guest" if is_guest else "refused.stranger")
        if command.role and agent and not agent.may(command.role):
            raise Refusal("refused.role", needed=command.role.value)
        options = await self._options(command, invocation, tx)
        act = Act(self._clock(), invocation.platform, None if is_guest else agent)
        every = tuple(self._commands.values())
        say = self._speaker(agent, invocation)
        asked = Call(invocation, options, tx, act, say, invocation.seen, every, self._region)
        missing = missing_options(command.options, options)
        # Drawn before the trial, in which the inquiry is at its next version already.
        form = await form_for(command, asked, missing) if missing else None
        if form and any(one.required for one in missing):
            raise _FormFirst(form)
        try:
            answer = await command.run(asked)  # with a form to come, a trial: nobody fills it in only to be refused
        except Missing as lacking:
            missing += [one for one in command.options if one.name == lacking.option]
            raise _FormFirst(await form_for(command, asked, missing)) from lacking
        if form:
            raise _FormFirst(form)
        self._meter.count("madoguchi_commands_total", verb=command.name)
        return answer

    async def _options(self, command: Command[Call], invocation: Invocation, tx: Transaction) -> dict[str, str]:
        """What was pressed or filled in, then what was typed, then the inquiry in whose thread it was typed."""
        invocation = replace(invocation, text=storable(invocation.text), options=_storable(invocation.options))
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
            asker = invocation.profiles.get(invocation.user)
            details["handle"] = asker.named if asker else invocation.user
        return refusal_card(refusal.with_details(details), now, agent, say)

    def _speaker(self, agent: Agent | None, invocation: Invocation) -> Speaker:
        language = agent.language if agent else invocation.language or self._language
        time_zone = agent.time_zone if agent else self._time_zone
        return self._translator.speaker(language, time_zone, self._clock(), invocation.names)


class _Repeated(Exception):
    """The event came before, and has had its effect."""


class _FormFirst(Exception):
    """Options are missing: rolls back whatever the trial did, and carries the form that asks for them."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form


def _storable(options: Mapping[str, str]) -> dict[str, str]:
    return {name: storable(value) for name, value in options.items()}


def _is_guest(invocation: Invocation) -> bool:
    """Whether the platform says of the asker that they may not be of the team, whatever our own list says."""
    asker = invocation.profiles.get(invocation.user)
    return asker is not None and not asker.may_join


def _names_inquiry(text: str) -> bool:
    try:
        return plain_number(text) > 0
    except ValueError:
        return False
