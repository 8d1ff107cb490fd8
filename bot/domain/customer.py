"""Customers: the people who write to us or call, and by what we know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.agent import Agent
from bot.domain.identity import Identity, IdentityKind, identity_of, spoken

__all__ = ["Customer", "Identity", "IdentityKind", "Note", "Person", "Record", "below", "by_id"]


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who wrote to us, as an inquiry's card calls them.

    `address` is a mail address, or a number in E.164. `caution`: why they need care; empty: they do not.
    """

    id: int
    name: str
    address: str
    caution: str = ""

    @property
    def is_known(self) -> bool:
        """True when we know anything by which to call them: not of who left neither name nor address, or was erased."""
        return bool(self.label)

    @property
    def label(self) -> str:
        """How cards call them: the name with the address, or the one that is known."""
        address = self.spoken_address
        if self.name and address and self.name not in (self.address, address):
            return f"{self.name} <{address}>"
        return self.name or address

    @property
    def spoken_address(self) -> str:
        """The address, a phone number in its country's groups of digits."""
        identity = identity_of(self.address) if self.address.startswith("+") else None
        return spoken(identity) if identity else self.address


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

    @property
    def label(self) -> str:
        """What they are called: by name, else by what they are known by; empty when nothing is known."""
        return self.name or next((spoken(one) for one in self.identities), "")

    def splitting(self, record: int) -> tuple[Record, ...]:
        """The records that go with one of theirs when it is taken out again; none when it was not joined."""
        parents = {one.id: one.merged_into for one in self.records}
        moved = below(record, parents) if parents.get(record) is not None else []
        return tuple(one for one in self.records if one.id in moved)


def below(record: int, merged_into: Mapping[int, int | None]) -> list[int]:
    """A record and all that were joined to it, and to those, by what each was joined to."""
    found = [record]
    for parent in found:
        found += sorted(one for one, to in merged_into.items() if to == parent)
    return found


def by_id(customer: int) -> str:
    """How a button names a customer: what `bot.seeking` understands, and nobody types by accident."""
    return f"id:{customer}"
