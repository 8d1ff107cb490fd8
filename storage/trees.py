"""Trees of records: what belongs to one person, locked, and what must follow when it changes."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import Conflict
from bot.domain.events import Act
from bot.domain.inquiry import Status
from bot.notices import Notice, NoticeKind
from bot.ports import TextKind
from storage.outbox import OutboxTable
from storage.search import SearchTable
from storage.session import Session
from storage.tables import customer, customer_event, inquiry

_ROOT = sa.select(sa.func.coalesce(customer.c.person_id, customer.c.id)).where(customer.c.id == sa.bindparam("of"))
_OPEN = (
    sa.select(inquiry.c.queue, inquiry.c.number, inquiry.c.version)
    .where(inquiry.c.customer_id == sa.bindparam("of"), inquiry.c.status != Status.RESOLVED)
    .order_by(inquiry.c.number)
    .with_for_update(key_share=True)
)
_ANEW = sa.update(inquiry).where(inquiry.c.number.in_(sa.bindparam("those", expanding=True))).values(timed=0)


async def root_of(session: Session, record: int) -> int:
    """The person to whom a record belongs. Raises Conflict when there is no such record any more."""
    found = (await session.run(_ROOT, {"of": record})).scalar_one_or_none()
    if found is None:
        raise Conflict(f"there is no customer {record}")
    return int(found)


async def locked_trees(session: Session, *persons: int) -> dict[int, Any]:
    """All records of these persons by id, so that nobody else changes them, nor writes to us by them, until we end.

    Everybody locks in the order of the ids, so that nobody waits in a circle. Raises Conflict when one of them is no
    person, is erased, or got or lost a record at this very moment.
    """
    query = (
        sa.select(customer)
        .where(customer.c.id.in_(persons) | customer.c.person_id.in_(persons))
        .order_by(customer.c.id)
    )
    rows = {row.id: row for row in await session.run(query.with_for_update(key_share=True))}
    if session.is_postgresql:  # what came to a tree while we waited for its root is not among what we locked
        seen = {row.id for row in await session.run(query)}
        if seen != rows.keys():
            raise Conflict("a customer was joined or taken out at this very moment")
    for one in persons:
        if one not in rows or rows[one].merged_into is not None or rows[one].erased_at is not None:
            raise Conflict(f"customer {one} is no person any more")
    return rows


async def wrote_down(
    session: Session, records: Collection[int], kind: str, details: Mapping[str, Any], act: Act
) -> None:
    """Keep who did what to these records, for whoever asks later."""
    by = act.agent.id if act.agent else None
    events = [
        {"customer_id": one, "agent_id": by, "at": act.at, "kind": kind, "details": dict(details)} for one in records
    ]
    await session.insert(customer_event, events)


async def told(session: Session, records: Collection[int], *persons: int) -> None:
    """What these records say changed: the search follows, and their persons' open inquiries.

    Their cards are drawn anew, and what is promised of them is worked out anew: tags and language decide that too.
    """
    await SearchTable(session).changed(TextKind.CUSTOMER, records)
    open_ones = [row for one in persons for row in await session.run(_OPEN, {"of": one})]
    if open_ones:
        await session.run(_ANEW, {"those": sorted(row.number for row in open_ones)})
    cards = [(row.queue, Notice(NoticeKind.CARD, row.number, row.version)) for row in open_ones]
    await OutboxTable(session).say(cards)
