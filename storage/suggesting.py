"""Suggesting: who may be the same person, by what is written alike; a person of the team decides."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.domain.customer import Person
from bot.domain.folding import folded
from bot.domain.identity import Identity, IdentityKind, phones_in, spoken_phone
from bot.ports import Filter, Suggestion, TextKind
from storage.search import SearchTable
from storage.session import Session
from storage.tables import inquiry, message

if TYPE_CHECKING:
    from storage.people import PeopleTable

NEWEST = 5
"""Inquiries, and messages, that are searched for phone numbers."""
MOST_NUMBERS = 5
CANDIDATES = 20
"""Customers that the search names, of whom some are written just alike."""
SHORTEST_NAME = 2

_LATEST = (
    sa.select(inquiry.c.number)
    .where(inquiry.c.customer_id == sa.bindparam("of"))
    .order_by(inquiry.c.opened_at.desc())
    .limit(NEWEST)
)
_WRITTEN = (
    sa.select(message.c.text)
    .where(message.c.number.in_(sa.bindparam("numbers", expanding=True)), message.c.outgoing.is_(False))
    .order_by(message.c.id.desc())
    .limit(NEWEST)
)


async def suggested(
    session: Session, people: "PeopleTable", person: Person, region: str, limit: int
) -> list[Suggestion]:
    """Others who wrote this person's number, whose number this person wrote, or who are called alike."""
    found: dict[int, Suggestion] = {}
    numbers = [one.value for one in person.identities if one.kind is IdentityKind.PHONE][:MOST_NUMBERS]
    for number in phones_in(await _texts(session, person.id), region)[:MOST_NUMBERS]:
        await _add(found, people, person, await people.by_identity(Identity(IdentityKind.PHONE, number)), number)
    for number in numbers:
        for writer in await _writers(session, number, region):
            await _add(found, people, person, writer, number)
    for written in _names(person):
        for candidate in await SearchTable(session).customers(written, CANDIDATES):
            if len(found) < limit and candidate not in found:
                other = await people.person(candidate)
                if other and other.id != person.id and not _folded(person).isdisjoint(_folded(other)):
                    found.setdefault(other.id, Suggestion(other.id, other.name, "name", other.name))
    return list(found.values())[:limit]


async def _add(
    found: dict[int, Suggestion], people: "PeopleTable", person: Person, candidate: int | None, number: str
) -> None:
    other = await people.person(candidate) if candidate and candidate not in found else None
    if other and other.id != person.id:
        found[other.id] = Suggestion(other.id, other.name, "phone", number)


async def _texts(session: Session, person: int) -> list[str]:
    """What somebody wrote lately, the newest first."""
    numbers = list((await session.run(_LATEST, {"of": person})).scalars())
    return list((await session.run(_WRITTEN, {"numbers": numbers})).scalars()) if numbers else []


async def _writers(session: Session, number: str, region: str) -> list[int]:
    """The customers of inquiries in which a phone number stands, in whatever spelling."""
    inquiries: dict[int, None] = {}
    national = spoken_phone(number, region)
    for spelling in dict.fromkeys((national, re.sub(r"\D", "", national), number)):
        page = await SearchTable(session).find(spelling, Filter(frozenset((TextKind.INQUIRY,))), 0, NEWEST)
        inquiries |= dict.fromkeys(one.ref for one in page.found)
    return await _customers_who_wrote(session, number, region, inquiries) if inquiries else []


async def _customers_who_wrote(session: Session, number: str, region: str, inquiries: Collection[int]) -> list[int]:
    query = (
        sa.select(inquiry.c.customer_id, message.c.text)
        .join(message, message.c.number == inquiry.c.number)
        .where(inquiry.c.number.in_(inquiries), message.c.outgoing.is_(False))
        .order_by(message.c.id.desc())
        .limit(NEWEST * 3)
    )
    rows = await session.run(query)
    return list(dict.fromkeys(row.customer_id for row in rows if number in phones_in([row.text], region)))


def _names(person: Person) -> list[str]:
    return [one for one in dict.fromkeys((person.name, person.kana)) if len(_plain(one)) >= SHORTEST_NAME]


def _folded(person: Person) -> set[str]:
    """How a person is written, in the one spelling that width, case, kana and variants of kanji come to."""
    return {_plain(one) for one in _names(person)}


def _plain(name: str) -> str:
    return re.sub(r"\s", "", folded(name))
