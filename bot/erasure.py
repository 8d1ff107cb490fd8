"""Erasing a person: who is meant, what goes, that it goes as one, and where their words stand besides."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.customer import Person
from bot.domain.errors import Conflict
from bot.domain.identity import Identity, IdentityKind, mail_address, phone, spoken
from bot.domain.prepared import mentions
from bot.ports import Filter, Store, TextKind
from bot.ports.erasures import Erasure, Holdings
from bot.seeking import sought

ATTEMPTS = 5
MENTIONING = (TextKind.INQUIRY, TextKind.ANSWER, TextKind.TEMPLATE, TextKind.ARTICLE, TextKind.NOTE)


@dataclass(frozen=True, slots=True)
class Prospect:
    """Somebody who may be erased, and what is held about them."""

    person: Person
    holdings: Holdings

    @property
    def label(self) -> str:
        """By what an operator names them for sure: an identity, or an inquiry of theirs."""
        if self.person.identities:
            return self.person.identities[0].value
        return f"#{self.holdings.inquiries[0]}" if self.holdings.inquiries else self.person.name


@dataclass(frozen=True, slots=True)
class Mention:
    """How many texts of other people's, or of ours, hold words by which somebody is known. `is_more`: or more.

    `kind` None: prepared advice.
    """

    words: str
    kind: TextKind | None
    count: int
    is_more: bool


class Erasing:
    """Finds, hands over and erases what the store holds about somebody."""

    def __init__(self, store: Store, region: str) -> None:
        self._store = store
        self._region = region

    async def prospects(self, text: str) -> list[Prospect]:
        """Whoever is meant by an address, a number, a name or an inquiry, the best first."""
        async with self._store.snapshot() as tx:
            people = [await tx.customers.person(one) for one in await sought(tx, text, self._region)]
            return [Prospect(one, await tx.erasures.holdings(one.id)) for one in people if one]

    async def former(self, text: str) -> Erasure | None:
        """The erasure of somebody who was known by this address or number, or wrote this inquiry."""
        address, number = mail_address(text), phone(text, self._region)
        known_by = [Identity(IdentityKind.MAIL, address)] if address else []
        known_by += [Identity(IdentityKind.PHONE, number)] if number else []
        plain = text.strip().lstrip("#＃")
        async with self._store.snapshot() as tx:
            return await tx.erasures.former(known_by, int(plain) if plain.isdecimal() and len(plain) < 10 else None)

    async def everything(self, person: int) -> Mapping[str, object]:
        """All that is held about a person, as JSON knows it."""
        async with self._store.snapshot() as tx:
            return await tx.erasures.everything(person)

    async def erase(self, person: int, by: str) -> Erasure:
        """Erase them, all or nothing. Raises Conflict when others keep changing what is theirs."""
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._erase(person, by)
            except Conflict:
                continue
        return await self._erase(person, by)

    async def mentions(self, person: Person) -> list[Mention]:
        """Where else the search finds their addresses, numbers and name: that is not theirs to have erased unseen."""
        known_by = [(one.value, spoken(one, self._region)) for one in person.identities]
        words = dict.fromkeys(one for both in known_by for one in both)
        words |= dict.fromkeys(one for one in (person.name, person.kana) if one)
        found = []
        async with self._store.snapshot() as tx:
            for one in words:
                for kind in MENTIONING:
                    page = await tx.search.find(one, Filter(kinds=frozenset([kind])), 0, 1)
                    if page.total:
                        found.append(Mention(one, kind, page.total, page.is_more))
            rules = await tx.prepared.all()
            counts = {one: sum(mentions(f"{each.name}\n{each.text}", one) for each in rules) for one in words}
            found += [Mention(one, None, count, False) for one, count in counts.items() if count]
        return found

    async def left(self) -> int:
        """How many messages in chat still say something of people who were erased."""
        async with self._store.snapshot() as tx:
            return await tx.erasures.left()

    async def unread(self) -> int:
        """How many mails nobody has read yet: some of them may be theirs."""
        async with self._store.snapshot() as tx:
            return await tx.erasures.unread()

    async def spooled(self) -> list[tuple[str, str]]:
        """Mailbox and uid of the mails whose files may lie in a folder of ours."""
        async with self._store.snapshot() as tx:
            return await tx.erasures.spooled()

    async def _erase(self, person: int, by: str) -> Erasure:
        async with self._store.transaction() as tx:
            return await tx.erasures.erase(person, by)
