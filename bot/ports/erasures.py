"""What the store holds about a person, and how it is taken away."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.identity import Identity


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is held about a person.

    `mails` are raw mails, also those of robots; `posts` are the messages in chat that say something of them: cards to
    be drawn anew, letters in threads and direct messages to be taken away.
    """

    inquiries: tuple[int, ...]
    messages: int
    mails: int
    notes: int
    posts: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """That somebody was erased: when, by whom, and how much of theirs."""

    at: datetime
    by: str
    inquiries: int
    mails: int


class Erasures(Protocol):
    """A person's data, to hand over and to erase."""

    async def holdings(self, person: int, /) -> Holdings:
        """What is held about them."""
        ...

    async def everything(self, person: int, /) -> Mapping[str, object]:
        """All that is held about them, as JSON knows it, in one order each time; the README describes its shape."""
        ...

    async def erase(self, person: int, by: str, /) -> Erasure:
        """Take all of it away, and note that `by` did so: the inquiries stay, without a word.

        Cards are due to be drawn anew, and what was said in threads and to people is due to be taken away. Raises
        Conflict when there is no such person (any more), or they changed at this very moment.
        """
        ...

    async def former(self, identities: Collection[Identity], number: int | None, /) -> Erasure | None:
        """The last time that somebody known by one of these, or the customer of this inquiry, was erased."""
        ...

    async def left(self) -> int:
        """How many messages in chat still say something of people who were erased."""
        ...

    async def unread(self) -> int:
        """How many mails wait to be read: nobody knows yet whose they are."""
        ...

    async def spooled(self) -> list[tuple[str, str]]:
        """Mailbox and uid of each mail whose bytes were erased: its file may lie in a folder of ours."""
        ...
