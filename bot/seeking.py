"""Seeking: which customer somebody means by an address, a number, a name or an inquiry."""

import re
import unicodedata
from email.utils import parseaddr

from bot.call import Call, Missing
from bot.chat.text import shorten
from bot.domain.customer import Identity, IdentityKind, Person, by_id
from bot.domain.errors import Refusal
from bot.domain.identity import mail_address, phone, spoken
from bot.ports import Transaction

__all__ = ["MOST", "by_id", "named_address", "one_person", "people", "sought"]

MOST = 8
"""Customers that are named when several fit."""
GIVEN_LENGTH = 200
"""Characters of what was typed that are looked at, and said again."""
_ID = re.compile(r"id:([0-9]{1,9})")
_INQUIRY = re.compile(r"(#?)\s*([1-9][0-9]{0,8})")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_CALLED = re.compile(r"(?P<name>[^\d+＋<>]*[^\d+＋<>(（\s])[\s<(（]*(?P<number>[+＋(（]?\d[^<>]*?)[\s>)）]*")
"""A name with a phone number behind it, in brackets or not."""


async def sought(tx: Transaction, text: str, region: str) -> list[int]:
    """The persons who are meant, the best first, eight at most.

    "#1042" and plain digits are an inquiry's customer, else the digits a phone number. An address or a phone number
    is whoever is known by it and nobody else; anything else a name, as the search understands it.
    """
    plain = unicodedata.normalize("NFKC", text[:GIVEN_LENGTH]).strip()
    if named := _ID.fullmatch(plain):
        person = await tx.customers.person(int(named[1]))
        return [person.id] if person else []
    if numbered := _INQUIRY.fullmatch(plain):
        inquiry = await tx.inquiries.get(int(numbered[2]))
        if inquiry or numbered[1]:
            return [inquiry.customer.id] if inquiry else []
    if address := mail_address(plain):
        return await _known_by(tx, Identity(IdentityKind.MAIL, address))
    if number := phone(plain, region):
        return await _known_by(tx, Identity(IdentityKind.PHONE, number))
    return await tx.search.customers(plain, MOST) if plain else []


async def people(call: Call, name: str = "customer") -> list[Person]:
    """Those whom an option may mean, else the customer of the inquiry in whose thread or on whose card it was asked.

    At least one. Raises Refusal when nobody fits, Missing when neither was given.
    """
    given = call.text(name)
    if given:
        found = await sought(call.tx, given, call.region)
    elif call.text("inquiry"):
        inquiry = await call.inquiry()
        given, found = f"#{inquiry.number}", [inquiry.customer.id]
    else:
        raise Missing(name)
    fitting = [person for one in found if (person := await call.tx.customers.person(one))]
    if not fitting:
        raise Refusal("customer.unknown", given=_shown(given))
    return fitting


async def one_person(call: Call, name: str = "customer") -> Person:
    """The one customer who is meant. Raises what `people` does, and Refusal when several fit."""
    fitting = await people(call, name)
    if len(fitting) > 1:
        names = ", ".join(_told(one, call.region) for one in fitting)
        raise Refusal("customer.several", given=_shown(call.text(name)), names=names)
    return fitting[0]


def named_address(given: str, region: str) -> tuple[str, str]:
    """Name and address of "Aki Ito <ito@example.com>", of an address alone, or of a name alone.

    A phone number in any spelling is an address too, in E.164: "Aki Ito 090-1234-5678".
    """
    plain = shorten(" ".join(given.split()), GIVEN_LENGTH)
    name, address = parseaddr(plain)
    if _ADDRESS.fullmatch(address) and address in plain:
        return name, address
    if number := phone(plain, region):
        return "", number
    called = _CALLED.fullmatch(plain)
    number = phone(called["number"], region) if called else None
    return (called["name"].strip(), number) if called and number else (plain, "")


def _shown(given: str) -> str:
    return given if len(given) <= GIVEN_LENGTH else given[: GIVEN_LENGTH - 1] + "…"


async def _known_by(tx: Transaction, identity: Identity) -> list[int]:
    person = await tx.customers.by_identity(identity)
    return [] if person is None else [person]


def _told(person: Person, region: str) -> str:
    identities = [spoken(one, region) for one in person.identities[:1]]
    return " ".join([person.name, *(f"<{one}>" for one in identities)]).strip() or by_id(person.id)
