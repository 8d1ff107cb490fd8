"""Lets the outbox grow older, on either kind of database, so that nobody has to wait for leases and due times."""

from datetime import timedelta

import sqlalchemy as sa

from storage.database import Database
from storage.tables import outbox


async def outbox_ages(database: Database, by: timedelta) -> None:
    """What was to happen in `by` happens now: due times and ends of leases move into the past by so much."""
    engine = database._writer  # the rooms of the store cannot turn back time, and should not
    async with engine.connect() as connection, connection.begin():
        for row in (await connection.execute(sa.select(outbox.c.id, outbox.c.due_at, outbox.c.lease_until))).all():
            older = {"due_at": row.due_at - by, "lease_until": row.lease_until and row.lease_until - by}
            await connection.execute(sa.update(outbox).where(outbox.c.id == row.id).values(older))
