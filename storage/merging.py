"""Merging: records of one person joined to one tree, and taken out of it again."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.domain.customer import below
from bot.domain.errors import Conflict
from bot.domain.events import Act
from storage.session import Session
from storage.tables import customer, inquiry
from storage.trees import locked_trees, root_of, told, wrote_down

_THEIRS = sa.select(inquiry.c.number).where(inquiry.c.customer_id == sa.bindparam("of")).order_by(inquiry.c.number)


async def merge(session: Session, gone: int, kept: int, act: Act) -> None:
    """Join the tree of `gone` to `kept`, with all inquiries. Raises Conflict when either is no person any more."""
    if gone == kept:
        raise ValueError("nobody is joined to themselves")
    rows = await locked_trees(session, gone, kept)
    moved = below(gone, _parents(rows))
    await session.run(sa.update(customer).where(customer.c.id == gone).values(merged_into=kept))
    await session.run(sa.update(customer).where(customer.c.id.in_(moved)).values(person_id=kept))
    came_by = sa.func.coalesce(inquiry.c.record_id, gone)
    await _hold(session, gone)
    theirs = sa.update(inquiry).where(inquiry.c.customer_id == gone)
    await session.run(theirs.values(customer_id=kept, record_id=came_by))
    await wrote_down(session, [gone], "merged", {"into": kept}, act)
    await told(session, list(rows), kept)


async def split(session: Session, record: int, act: Act) -> None:
    """Take the tree below a joined record out again, with the inquiries that came by it. Raises Conflict."""
    person = await root_of(session, record)
    rows = await locked_trees(session, person)
    if record not in rows or rows[record].merged_into is None:
        raise Conflict(f"customer {record} is joined to nobody")
    moved = below(record, _parents(rows))
    joined_to = rows[record].merged_into
    children = [one for one in moved if one != record]
    await session.run(sa.update(customer).where(customer.c.id == record).values(merged_into=None, person_id=None))
    await session.run(sa.update(customer).where(customer.c.id.in_(children)).values(person_id=record))
    await _hold(session, person)
    came_by_them = sa.update(inquiry).where(inquiry.c.customer_id == person, inquiry.c.record_id.in_(moved))
    by = sa.case((inquiry.c.record_id != record, inquiry.c.record_id), else_=sa.null())
    await session.run(came_by_them.values(customer_id=record, record_id=by))
    await wrote_down(session, [record], "split", {"from": joined_to}, act)
    await told(session, list(rows), person, record)


def _parents(rows: Mapping[int, Any]) -> dict[int, int | None]:
    return {row.id: row.merged_into for row in rows.values()}


async def _hold(session: Session, person: int) -> None:
    """Lock a person's inquiries in the order in which everybody does; on SQLite there is nobody else."""
    if session.is_postgresql:
        await session.run(_THEIRS.with_for_update(), {"of": person})
