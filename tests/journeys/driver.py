"""What a team sees and does in its chat, the same on every platform, so that a journey is written once.

A `Platform` knows how to read and to press on one platform; `Person`, `Channel` and `Team` are what journeys use:
`await hana.types("/queue")`, `await hana.clicks("Claim", on=card)`, `support.card("#1001")`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from bot.chat.invocation import pressed
from tests.support.texts import labels_of

T = TypeVar("T")

PATIENCE = 90.0
"""Seconds after which something that did not happen counts as never: what a killed replica had begun waits for 60."""
FREE = ("claim", "resolve", "show", "history", "similar")
HELD = ("resolve", "release", "show", "history", "similar")
DONE = ("reopen", "show", "history")
"""What can be pressed under the card of an inquiry that nobody has, that somebody has, and that is resolved."""
CARE = ("answered", "wait", "snooze", "followup", "escalate")
"""What can be pressed under the details of an inquiry that is not resolved."""


@dataclass(frozen=True, slots=True)
class SeenButton:
    """A button: its words, and the call that it makes."""

    label: str
    call: str

    @property
    def verb(self) -> str:
        return pressed(self.call)[0]


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row of a list on a card. `button` stands beside it, `buttons` under it."""

    text: str
    detail: str = ""
    button: SeenButton | None = None
    download: str = ""
    buttons: tuple[SeenButton, ...] = ()

    @property
    def pressable(self) -> tuple[SeenButton, ...]:
        """All that can be pressed in the row."""
        return (self.button, *self.buttons) if self.button else self.buttons


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A card as somebody sees it at one moment; it does not change when the real one does.

    `message` is the platform's id of it, or of the message under which an answer to one person stands. `chart` is its
    title with a line for each bar, see `charts`.
    """

    channel: str
    message: str
    title: str
    tone: str = ""
    badge: str = ""
    lines: tuple[str, ...] = ()
    fields: Mapping[str, str] | None = None
    quote: str = ""
    copy: str = ""
    chart: tuple[str, ...] = ()
    rows: tuple[SeenRow, ...] = ()
    buttons: tuple[SeenButton, ...] = ()
    footer: str = ""

    @property
    def verbs(self) -> list[str]:
        """What can be pressed under the card."""
        return [button.verb for button in self.buttons]

    @property
    def number(self) -> int:
        """The inquiry's number, from the title."""
        return int(self.title.split()[0].lstrip("#"))

    @property
    def words(self) -> str:
        """Everything that the card says."""
        fields = [f"{label}: {value}" for label, value in (self.fields or {}).items()]
        rows = [f"{row.text} {row.detail}" for row in self.rows]
        body = [*self.lines, *fields, self.quote, self.copy, *self.chart, *rows]
        return "\n".join([self.title, self.badge, *body, self.footer])


@dataclass(frozen=True, slots=True)
class SeenInput:
    """A question of a form; `value` stands there already, and is sent when nothing else is filled in."""

    name: str
    label: str
    required: bool
    choices: tuple[str, ...] = ()
    value: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SeenForm:
    """A form that opened for one person."""

    channel: str
    message: str
    title: str
    call: str
    inputs: tuple[SeenInput, ...]


Seen = SeenCard | SeenForm


class Platform(Protocol):
    """One platform's way of reading and doing; `cards` and `thread` tell what has arrived so far."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def cards(self, channel: str) -> list[SeenCard]:
        """The cards of a channel in the order in which they were posted; @hana are the whispers to hana."""
        ...

    def thread(self, card: SeenCard) -> list[SeenCard]:
        """The cards in the thread under a card."""
        ...

    async def type(self, user: str, channel: str, line: str, under: SeenCard | None) -> Seen: ...

    async def press(self, user: str, button: SeenButton, on: SeenCard) -> Seen: ...

    async def delete(self, user: str, card: SeenCard) -> None:
        """Take a message away, as somebody with the right to."""
        ...

    async def submit(self, user: str, form: SeenForm, inputs: Mapping[str, str]) -> Seen: ...

    async def news(self) -> None:
        """Return when something new has arrived."""
        ...


@dataclass(slots=True)
class Person:
    """Somebody who sits at the platform and does one thing after another. `answer` is what they were told last.

    `mention` is what others write after the @ to name them.
    """

    handle: str
    name: str
    language: str
    platform: Platform
    mention: str = ""
    channel: str = "support"
    answer: Seen | None = None

    async def types(self, line: str, channel: str = "", under: SeenCard | None = None) -> SeenCard:
        """A slash command, in a channel or in a card's thread, that is answered by a card."""
        return self._card(await self._asks(line, channel, under))

    async def opens(self, line: str, channel: str = "", under: SeenCard | None = None) -> SeenForm:
        """A slash command that is answered by a form."""
        return self._form(await self._asks(line, channel, under))

    async def clicks(self, label: str, on: SeenCard, of: str = "") -> SeenCard:
        """A button, by its label in any language or by its verb, that is answered by a card.

        `of`: it stands in the first row whose text holds these words.
        """
        return self._card(await self._pressed(label, on, of))

    async def clicks_for_form(self, label: str, on: SeenCard, of: str = "") -> SeenForm:
        """A button that opens a form."""
        return self._form(await self._pressed(label, on, of))

    async def fills(self, form: SeenForm | None = None, **inputs: str) -> SeenCard:
        """The form that is open, answered by a card."""
        self.answer = await self.platform.submit(self.handle, form or self._form(self.answer), inputs)
        return self._card(self.answer)

    @property
    def whispers(self) -> list[SeenCard]:
        """What this person was told by direct message."""
        return self.platform.cards(f"@{self.handle}")

    async def _asks(self, line: str, channel: str, under: SeenCard | None) -> Seen:
        place = under.channel if under else channel or self.channel
        self.answer = await self.platform.type(self.handle, place, line, under)
        return self.answer

    async def _pressed(self, label: str, on: SeenCard, of: str) -> Seen:
        rows = [row for row in on.rows if of in row.text] if of else on.rows
        here = [*(() if of else on.buttons), *(one for row in rows for one in row.pressable)]
        button = next((one for one in here if label in labels_of(one.verb) | {one.label}), None)
        assert button is not None, f"no {label!r} on {on.title!r}, only {[one.label for one in here]}"
        self.answer = await self.platform.press(self.handle, button, on)
        return self.answer

    def _card(self, seen: Seen | None) -> SeenCard:
        assert isinstance(seen, SeenCard), f"{self.name} expected a card, not {seen}"
        return seen

    def _form(self, seen: Seen | None) -> SeenForm:
        assert isinstance(seen, SeenForm), f"{self.name} expected a form, not {seen}"
        return seen


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of the platform."""

    name: str
    platform: Platform

    @property
    def cards(self) -> list[SeenCard]:
        """The cards, in the order in which they were posted."""
        return self.platform.cards(self.name)

    def card(self, number: str) -> SeenCard:
        """The card of "#1001" as it is now. Raises LookupError when there is none, or more than one."""
        found = [card for card in self.cards if card.title.split()[0] == number]
        if len(found) != 1:
            raise LookupError(f"{len(found)} cards of {number} in #{self.name}")
        return found[0]

    def thread(self, number: str) -> list[SeenCard]:
        """What stands in the thread under a card."""
        return self.platform.thread(self.card(number))

    async def until(self, what: Callable[["Channel"], T | Literal[False]]) -> T:
        """Wait until the channel looks like that; the first true value of `what`."""
        return await until(self.platform, lambda: what(self), lambda: "\n\n".join(card.words for card in self.cards))

    async def shows(self, number: str, *verbs: str) -> SeenCard:
        """Wait until the card of "#1001" is there, with just these buttons when any are named."""

        def there(channel: "Channel") -> SeenCard | Literal[False]:
            card = channel.card(number)
            return card if not verbs or tuple(card.verbs) == verbs else False

        return await self.until(there)


async def until(platform: Platform, what: Callable[[], T | Literal[False]], told: Callable[[], str] = lambda: "") -> T:
    """Wait until `what` is true, looking again whenever something arrives; LookupError means not yet.

    Fails with what `told` says when it does not come true within PATIENCE.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + PATIENCE
    while True:
        with suppress(LookupError):
            if value := what():
                return value
        left = end - clock()
        assert left > 0, f"it did not come to pass; this is what is there:\n{told()}"
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left, 1.0)):
                await platform.news()


async def finds(person: Person, line: str, what: str) -> SeenCard:
    """What is answered, as soon as the index has caught up with what was written: it tells nobody when it has."""
    answer = await person.types(line)
    async with asyncio.timeout(PATIENCE):
        while what not in answer.words:
            await asyncio.sleep(0.2)
            answer = await person.types(line)
    return answer


def sequence(cards: Sequence[SeenCard]) -> list[int]:
    """The numbers of cards, in order."""
    return [card.number for card in cards]
