"""Lets the outbox and inquiries grow older, on either kind of database, so that nobody has to wait."""

from datetime import timedelta

import sqlalchemy as sa

from storage.database import Database
from storage.tables import event, follow_up, inquiry, nudge, outbox


async def outbox_ages(database: Database, by: timedelta) -> None:
    """What was to happen in `by` happens now: due times and ends of leases move into the past by so much."""
    engine = database._writer  # the rooms of the store cannot turn back time, and should not
    async with engine.connect() as connection, connection.begin():
        for row in (await connection.execute(sa.select(outbox.c.id, outbox.c.due_at, outbox.c.lease_until))).all():
            older = {"due_at": row.due_at - by, "lease_until": row.lease_until and row.lease_until - by}
            await connection.execute(sa.update(outbox).where(outbox.c.id == row.id).values(older))


async def inquiry_ages(database: Database, number: int, by: timedelta) -> None:
    """All that happened to an inquiry, and all that was agreed about it, happened so much earlier."""
    engine = database._writer
    moments = {
        inquiry: ("opened_at", "waiting_since", "held_since", "answered_at", "waiting_until", "snoozed_until"),
        event: ("at",),
        nudge: ("at", "noted_at", "due_at"),
        follow_up: ("at",),
    }
    async with engine.connect() as connection, connection.begin():
        for table, columns in moments.items():
            here = table.c.number == number
            for row in (await connection.execute(sa.select(table).where(here))).mappings().all():
                older = {name: row[name] - by for name in columns if row[name]}
                this = [table.c[key.name] == row[key.name] for key in table.primary_key]
                await connection.execute(sa.update(table).where(*this).values(older))
        await connection.execute(sa.update(inquiry).where(inquiry.c.number == number).values(timed=0))
