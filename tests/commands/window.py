"""The commands' own front door for tests: people type, press and fill in, and Dispatch answers them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adapters.operations.metrics import Metrics
from bot.call import Call
from bot.cards.inquiry_card import inquiry_card
from bot.chat.card import Card, Form
from bot.chat.command import Command
from bot.chat.invocation import Answer, Invocation, pressed
from bot.chat.profile import Profile
from bot.chat.text import words
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry
from bot.ports import Handle, Store
from bot.translator import Speaker, Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import SUPPORT
from tests.support.clock import Clock

TEAM = (
    ("hana", "佐藤 花", Role.AGENT, "ja"),
    ("ken", "Ken Miller", Role.AGENT, "en"),
    ("emma", "Emma Clark", Role.SUPERVISOR, "en"),
)
STRANGER, FORMER = "otto", "rei"
"""Somebody who never was of the team, and somebody who is no longer."""


@dataclass(frozen=True)
class Window:
    """People at a desk of their own.

    `stranger_language` is the language that the platform tells of strangers; `profiles` is what it says of people,
    and `names` how it calls commands.
    """

    store: Store
    clock: Clock
    metrics: Metrics
    commands: tuple[Command[Call], ...] = COMMANDS
    stranger_language: str = "en"
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    async def types(self, user: str, line: str, message: str = "", channel: str = SUPPORT.channel) -> Answer:
        """A slash command; `message` is the card in whose thread it is typed."""
        verb, _, text = line.removeprefix("/").partition(" ")
        return _told(await self.call(Invocation("workspace", user, verb, user, channel, message, text)))

    async def tells(self, user: str, line: str, event: str) -> Answer | None:
        """The same, as a platform tells it that may tell one `event` twice."""
        verb, _, text = line.removeprefix("/").partition(" ")
        return await self.call(Invocation("workspace", user, verb, user, SUPPORT.channel, "", text, event=event))

    async def presses(self, user: str, button: str, message: str = "") -> Answer:
        """A button by its call."""
        return _told(await self.call(self._pressed(user, button, message)))

    async def fills(self, user: str, form: Answer, **inputs: str) -> Answer:
        """A form that was answered, with these inputs."""
        assert isinstance(form, Form), form
        return _told(await self.call(self._pressed(user, form.call, "").with_options(inputs)))

    async def call(self, invocation: Invocation) -> Answer | None:
        """A call as a platform makes it, at a dispatch of its own."""
        dispatch = Dispatch(
            self.store, self.commands, Translator(), self.clock, self.metrics, self.stranger_language, "Asia/Tokyo"
        )
        return await dispatch.call(replace(invocation, profiles=self.profiles, names=self.names))

    def knowing(self, *profiles: Profile) -> "Window":
        """The same people on a platform that knows these."""
        return replace(self, profiles={one.user: one for one in profiles})

    def speaker(self, language: str) -> Speaker:
        return Translator().speaker(language, "Asia/Tokyo", self.clock())

    def with_commands(self, *more: Command[Call]) -> "Window":
        """The same people at a desk with more commands."""
        return replace(self, commands=(*self.commands, *more))

    def _pressed(self, user: str, button: str, message: str) -> Invocation:
        verb, options, seen = pressed(button)
        return Invocation("workspace", user, verb, user, SUPPORT.channel, message, options=options, seen=seen)


def _told(answer: Answer | None) -> Answer:
    assert answer is not None
    return answer


async def enrolled(database: Database) -> None:
    """The team of the tests, with somebody who left it."""
    async with database.transaction() as tx:
        for user, name, role, language in TEAM:
            await tx.agents.enrol(Handle("workspace", user), name, role, language, "Asia/Tokyo")
        await tx.agents.enrol(Handle("workspace", FORMER), "Rei", None, "en", "Asia/Tokyo")


async def current(store: Store, number: int) -> Inquiry:
    """An inquiry as it stands now."""
    async with store.snapshot() as tx:
        found = await tx.inquiries.get(number)
    assert found is not None
    return found


async def happened(store: Store, number: int) -> list[EventKind]:
    """What happened to an inquiry so far."""
    async with store.snapshot() as tx:
        return [event.kind for event in await tx.inquiries.timeline(number)]


def button_of(inquiry: Inquiry, verb: str, window: Window) -> str:
    """The call of a button on the inquiry's card, as it was drawn then."""
    drawn = inquiry_card(inquiry, window.speaker("en")).buttons
    return next(one.call for one in drawn if one.call.startswith(verb))


def said(answer: Answer) -> str:
    """The sentence that an answer begins with; the answer must be a card."""
    assert isinstance(answer, Card), answer
    return answer.title


def code_in(answer: Answer) -> str:
    """The code that an answer of /link ends with."""
    return said(answer).split()[-1]


def rows(answer: Answer) -> list[str]:
    """The rows of a list."""
    assert isinstance(answer, Card), answer
    return [words(item.text) for item in answer.items]


def labels(answer: Answer) -> list[str]:
    """The verbs of a card's buttons."""
    assert isinstance(answer, Card), answer
    return [pressed(button.call)[0] for button in answer.buttons]
