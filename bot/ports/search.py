"""Texts that can be found: inquiries, answers, templates, articles, notes and customers."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TextKind(StrEnum):
    """What a text is. INQUIRY: subject and all that the customer wrote; ANSWER: what the team sent, and the notes.

    Its `ref` is an inquiry's number, for all others the id. Of an ARTICLE there is what was approved; of one that is
    retired, nothing.
    """

    INQUIRY = "inquiry"
    ANSWER = "answer"
    TEMPLATE = "template"
    NOTE = "note"
    CUSTOMER = "customer"
    ARTICLE = "article"


FINDABLE = frozenset((TextKind.INQUIRY, TextKind.ANSWER, TextKind.TEMPLATE, TextKind.NOTE, TextKind.ARTICLE))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which texts are wanted; what is empty or None does not matter. `agent`: who holds, wrote or owns it."""

    kinds: frozenset[TextKind] = FINDABLE
    queue: str = ""
    agent: int | None = None
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A text that was found. `number` is the inquiry that it belongs to, `customer` whose note it is, if any."""

    kind: TextKind
    ref: int
    title: str
    text: str
    at: datetime
    number: int | None = None
    customer: int | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of what was found, the best and newest first. `total` counts up to a limit; `is_more`: beyond it."""

    found: list[Found] = field(default_factory=list)
    total: int = 0
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Similar:
    """A resolved inquiry that is like another: what was asked, and what was answered; opinions of it, counted."""

    number: int
    question: str
    answer: str
    score: float
    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True, slots=True)
class Fitting:
    """One of the team's own texts that fits some words: a TEMPLATE, an ARTICLE, or an ANSWER that was given.

    `ref` is an id, an answer's the number of its inquiry; `title` what it is about, `text` what the team says.
    """

    kind: TextKind
    ref: int
    title: str
    text: str


class Search(Protocol):
    """The full-text index. It follows the texts within about a second: `changed` notes, `catch_up` does the work."""

    async def find(self, words: str, wanted: Filter, offset: int, limit: int, /) -> FoundPage:
        """Texts that hold all these words. Nothing for words without a letter or digit."""
        ...

    async def customers(self, typed: str, limit: int, /) -> list[int]:
        """Persons whose name, reading or identity holds what was typed, the best first."""
        ...

    async def similar(self, number: int, limit: int, /) -> list[Similar]:
        """Resolved inquiries with an answer that are most like this one, the best first."""
        ...

    async def fitting(self, text: str, language: str, limit: int, /) -> list[Fitting]:
        """The team's own texts that fit these words best, the best first; empty when none fits well.

        The first line counts as what the words are about. Templates and articles are in that language, or in any when
        none in it fits; retired ones are not among them, nor answers of inquiries that are not resolved.
        """
        ...

    async def rate(self, number: int, about: int, agent: int, helpful: bool, at: datetime, /) -> None:
        """Keep somebody's opinion of an earlier inquiry's answer; a second one replaces the first."""
        ...

    async def changed(self, kind: TextKind, refs: Collection[int], /) -> None:
        """These texts are new, changed or gone: their words go into the index soon."""
        ...

    async def catch_up(self, limit: int, /) -> int:
        """Put the words of changed texts into the index, so many at most; says how many there were."""
        ...

    async def behind(self) -> int:
        """How many texts wait for the index."""
        ...
