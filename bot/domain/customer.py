"""Customers: the people who write to us or call, and by what we know them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.agent import Agent


class IdentityKind(StrEnum):
    """What an identity is. CHAT: a chat's own id, with its platform before it ("line:U123")."""

    MAIL = "mail"
    PHONE = "phone"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Identity:
    """Something by which one customer, and no other, is known: an address in lower case, a number in E.164, an id."""

    kind: IdentityKind
    value: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who wrote to us, as an inquiry's card calls them. `caution`: why they need care; empty: they do not."""

    id: int
    name: str
    address: str
    caution: str = ""

    @property
    def label(self) -> str:
        """How cards call them: the name with the address, or the one that is known."""
        if self.name and self.address and self.name != self.address:
            return f"{self.name} <{self.address}>"
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody of the team wrote down about a customer."""

    id: int
    at: datetime
    agent: Agent | None
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a person; `merged_into` is the record that a person of the team joined it to."""

    id: int
    name: str
    identities: tuple[Identity, ...] = ()
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the team knows them: the record `id`, with all that were joined to it.

    `records` begins with `id` itself; `identities`, `tags` and `notes` are those of all of them; notes: newest first.
    """

    id: int
    name: str
    kana: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    caution: str = ""
    records: tuple[Record, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Everything by which they are known."""
        return tuple(one for record in self.records for one in record.identities)
