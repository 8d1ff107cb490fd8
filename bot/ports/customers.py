"""The customers in the store: who they are, what the team noted, and what they asked so far."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.customer import Customer, Identity, Person
from bot.domain.events import Act
from bot.domain.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be the same person. `why`: "name" (written alike) or "phone" (wrote that number), with `by`."""

    person: int
    name: str
    why: str
    by: str


class Customers(Protocol):
    """The customers. A "person" is the record that all records of somebody were joined to, or their only one."""

    async def by_identity(self, identity: Identity, /) -> int | None:
        """The person who is known by it."""
        ...

    async def person(self, customer: int, /) -> Person | None:
        """The person to whom a record belongs, whole. None when there is no such record, or it was erased."""
        ...

    async def called(self, records: Collection[int], /) -> Mapping[int, Customer]:
        """By record, what these people are called and why they need care, without addresses; none who were erased."""
        ...

    async def describe(
        self, customer: int, name: str, kana: str, language: str, tags: Sequence[str], act: Act, /
    ) -> None:
        """Write down what somebody is called, how it is read, their language ("" unknown) and all their tags.

        Of a person with several records each keeps its own; what is new is their first record's, what is taken away
        is taken from all.
        """
        ...

    async def caution(self, customer: int, reason: str, act: Act, /) -> None:
        """Flag somebody with a reason; without one, take every flag of theirs away. Open cards are drawn anew."""
        ...

    async def note(self, customer: int, text: str, act: Act, /) -> None:
        """Keep a note about somebody."""
        ...

    async def merge(self, gone: int, kept: int, act: Act, /) -> None:
        """Join one person to another: all inquiries are then those of `kept`. Both must be persons, and not the same.

        Nothing is lost: `split` takes it back. Raises Conflict when either changed at this very moment.
        """
        ...

    async def split(self, record: int, act: Act, /) -> None:
        """Take a record that was joined out again, with those that had been joined to it, and all that came by them."""
        ...

    async def came_by(self, records: Collection[int], /) -> int:
        """How many inquiries came by these records of one person, none of them the person's own."""
        ...

    async def suggestions(self, person: int, region: str, limit: int, /) -> list[Suggestion]:
        """Who may be the same person; nobody is ever joined by this. `region` is where phone numbers are from."""
        ...


@dataclass(frozen=True, slots=True)
class Contact:
    """One inquiry in a customer's history.

    `answer` is what they were told last, shortened: our last answer by mail, else the note that it was resolved with.
    """

    inquiry: Inquiry
    answer: str = ""


class Histories(Protocol):
    """What customers asked so far."""

    async def contacts(self, person: int, offset: int, limit: int, /) -> tuple[list[Contact], int]:
        """Their inquiries over all queues: open ones first, then the newest; and how many there are in all.

        To count thousands takes longer than to read a page: they are counted up to 100 beyond the page.
        """
        ...

    async def nth(self, inquiry: Inquiry, days: int, /) -> int:
        """The how-manieth contact an inquiry was, counted over the days before it: 1 when it was the only one."""
        ...
