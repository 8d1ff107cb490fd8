"""The customers as they arrive: known by an identity, or made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.domain.customer import Customer
from bot.domain.errors import Conflict
from bot.domain.identity import Identity, IdentityKind, identity_of
from bot.domain.message import Message
from bot.ports import TextKind
from storage.person_columns import person_caution, person_name
from storage.search import SearchTable
from storage.session import Session
from storage.tables import customer, identity

MAIL = IdentityKind.MAIL.value

_record, _person = customer.alias("record"), customer.alias("person")


_KNOWN = (
    sa.select(
        identity.c.kind,
        identity.c.value,
        _record.c.id.label("record"),
        sa.func.coalesce(_record.c.person_id, _record.c.id).label("person"),
        person_name(_person).label("name"),
        person_caution(_person).label("caution"),
    )
    .join(_record, _record.c.id == identity.c.customer_id)
    .join(_person, _person.c.id == sa.func.coalesce(_record.c.person_id, _record.c.id))
    .where(
        _record.c.erased_at.is_(None),  # looked at once more when we waited for whoever erased them
        identity.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        identity.c.value.in_(sa.bindparam("values", expanding=True)),
    )
    # Who joins a record to another at this moment waits until our inquiries are there to be moved, or we for them.
    # All lock in one order; the keys' own locks on the same rows, taken later, cost nothing more.
    .order_by(_record.c.id)
    .with_for_update(read=True, of=_record)
)
_NAMED = (
    sa.select(
        _record.c.id.label("record"),
        _person.c.id.label("person"),
        person_name(_person).label("name"),
        person_caution(_person).label("caution"),
    )
    .join(_person, _person.c.id == sa.func.coalesce(_record.c.person_id, _record.c.id))
    .where(_record.c.id == sa.bindparam("of"), _record.c.erased_at.is_(None))
    .with_for_update(read=True, of=_record)
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a message: the person, and their record by which it came where that is another one."""

    customer: Customer
    record: int | None = None


class CustomerTable:
    """Finds the people who wrote, and makes those who never wrote before."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def found_or_made(self, messages: Sequence[Message], by_mail: bool = True) -> list[Sender]:
        """The sender of each message, in order. A message without an address has a customer of its own.

        Anybody can put a phone number into a mail's From: only what the team wrote down itself is taken for one.
        Raises Conflict when another process made the same customer at this very moment.
        """
        keys = [_key(one, index, by_mail) for index, one in enumerate(messages)]
        known = await self._known({one for one in keys if isinstance(one, Identity)})
        new = {key: one for key, one in zip(keys, messages, strict=True) if key not in known}
        in_order = sorted(new.items(), key=lambda item: str(item[0]))  # so that no two wait for each other
        known |= await self._made(dict(in_order))
        return [_sender(known[key], one) for key, one in zip(keys, messages, strict=True)]

    async def named(self, record: int, message: Message) -> Sender | None:
        """Whoever has that record, as the sender of a message; None: there is nobody, or they were erased."""
        row = (await self._session.run(_NAMED, {"of": record})).one_or_none()
        if row is None:
            return None
        return _sender(_known_sender(row), message)

    async def _known(self, identities: set[Identity]) -> dict[Identity | int, Sender]:
        if not identities:
            return {}
        named = {"kinds": sorted({one.kind for one in identities}), "values": [one.value for one in identities]}
        return {
            Identity(IdentityKind(row.kind), row.value): _known_sender(row)
            for row in await self._session.run(_KNOWN, named)
        }

    async def _made(self, new: dict[Identity | int, Message]) -> dict[Identity | int, Sender]:
        if not new:
            return {}
        rows = [{"name": one.from_name} for one in new.values()]
        ids = await self._session.insert_numbered(customer, rows, "created_at")
        identities: list[dict[str, Any]] = [
            {"kind": key.kind, "value": key.value, "customer_id": id_}
            for key, id_ in zip(new, ids, strict=True)
            if isinstance(key, Identity)
        ]
        try:
            await self._session.insert(identity, identities)
        except IntegrityError as error:
            raise Conflict("a customer was made by another process") from error
        await SearchTable(self._session).changed(TextKind.CUSTOMER, ids)
        return {key: Sender(Customer(id_, one.from_name, "")) for (key, one), id_ in zip(new.items(), ids, strict=True)}


def _key(message: Message, index: int, by_mail: bool) -> Identity | int:
    """By what a sender is known; their place in the batch when by nothing."""
    address = message.from_address
    known_by = (
        identity_of(address) if not by_mail else Identity(IdentityKind.MAIL, address.lower()) if address else None
    )
    return known_by or index


def _known_sender(row: Any) -> Sender:
    customer_ = Customer(row.person, row.name, "", row.caution)
    return Sender(customer_, row.record if row.record != row.person else None)


def _sender(sender: Sender, message: Message) -> Sender:
    known = sender.customer
    customer = Customer(known.id, known.name or message.from_name, message.from_address, known.caution)
    return Sender(customer, sender.record)
