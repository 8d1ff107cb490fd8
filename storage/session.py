"""What all rooms of one transaction share: the connection, the database's time, the dialect's upsert."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import UTCDateTime

from bot.ports import Clock

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def upsert(table: sa.Table, is_postgresql: bool) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows ON CONFLICT."""
    if is_postgresql:
        from sqlalchemy.dialects import postgresql  # slow to import, and of no use to SQLite

        return postgresql.insert(table)
    return sqlite.insert(table)


def present(is_postgresql: bool) -> sa.ColumnElement[datetime]:
    """The database's time in a statement that is made once; see `Session.now`. SQLite takes the parameter `now`."""
    if is_postgresql:
        return sa.type_coerce(sa.func.clock_timestamp(), UTCDateTime())
    return sa.bindparam("now", type_=UTCDateTime())


class Session:
    """One transaction's connection. `said` turns True when notices were put into the outbox."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.is_postgresql = connection.dialect.name == "postgresql"
        self.said = False
        self.clock = clock

    async def run(
        self, statement: sa.Executable, rows: Sequence[dict[str, Any]] | dict[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Execute one statement, or one for many rows."""
        return await self.connection.execute(statement, rows)

    def now(self, later: timedelta = timedelta()) -> sa.ColumnElement[datetime]:
        """The database's time plus `later`, as an expression.

        PostgreSQL tells it, so that replicas whose clocks differ agree on leases; on SQLite there is one process.
        """
        if self.is_postgresql:
            return sa.type_coerce(sa.func.clock_timestamp() + sa.literal(later, sa.Interval()), UTCDateTime())
        return sa.literal(self.clock() + later, UTCDateTime())

    def upsert(self, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that knows ON CONFLICT."""
        return upsert(table, self.is_postgresql)

    def skip_locked(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Lock the rows found and pass over those that another process has locked."""
        return query.with_for_update(skip_locked=True) if self.is_postgresql else query
