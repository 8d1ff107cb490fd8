"""The customers, and the addresses by which they are known."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.domain.customer import Customer
from bot.domain.errors import Conflict
from bot.domain.message import Message
from storage.session import Session
from storage.tables import customer, identity

MAIL = "mail"

_KNOWN = (
    sa.select(identity.c.value, customer.c.id, customer.c.name)
    .join(customer, customer.c.id == identity.c.customer_id)
    .where(identity.c.kind == MAIL, identity.c.value.in_(sa.bindparam("addresses", expanding=True)))
)


class CustomerTable:
    """Finds the people who wrote, and makes those who never wrote before."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def found_or_made(self, messages: Sequence[Message]) -> list[Customer]:
        """The sender of each message, in order. A message without an address has a customer of its own.

        Raises Conflict when another process made the same customer at this very moment.
        """
        addresses = {one.from_address.lower() for one in messages if one.from_address}
        known = await self._known(addresses)
        new = {
            one.from_address.lower() or f"#{index}": one
            for index, one in enumerate(messages)
            if one.from_address.lower() not in known
        }
        known |= await self._made(dict(sorted(new.items())))  # all in one order, so that no two wait for each other
        return [_customer(known[one.from_address.lower() or f"#{index}"], one) for index, one in enumerate(messages)]

    async def _known(self, addresses: set[str]) -> dict[str, tuple[int, str]]:
        if not addresses:
            return {}
        rows = await self._session.run(_KNOWN, {"addresses": list(addresses)})
        return {row.value: (row.id, row.name) for row in rows}

    async def _made(self, new: dict[str, Message]) -> dict[str, tuple[int, str]]:
        if not new:
            return {}
        rows = [{"name": one.from_name} for one in new.values()]
        ids = await self._session.insert_numbered(customer, rows, "created_at")
        identities: list[dict[str, Any]] = [
            {"kind": MAIL, "value": address, "customer_id": id_}
            for address, id_ in zip(new, ids, strict=True)
            if new[address].from_address
        ]
        try:
            await self._session.insert(identity, identities)
        except IntegrityError as error:
            raise Conflict("a customer was made by another process") from error
        return {address: (id_, one.from_name) for (address, one), id_ in zip(new.items(), ids, strict=True)}


def _customer(known: tuple[int, str], message: Message) -> Customer:
    id_, name = known
    return Customer(id_, name or message.from_name, message.from_address)
