"""What all rooms of one transaction share: the connection, the database's time, new rows."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import UTCDateTime

from bot.ports import Clock
from storage.dialects import Rows, as_given, insertion, numbering, upsert

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


class Session:
    """One transaction's connection.

    `said` turns True when notices were put into the outbox, `boards` when all boards are to be drawn anew.
    """

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.is_postgresql = connection.dialect.name == "postgresql"
        self.said = False
        self.boards = False
        self.clock = clock

    async def run(self, statement: sa.Executable, rows: Rows | dict[str, Any] | None = None) -> CursorResult[Any]:
        """Execute one statement, or one for many rows."""
        return await self.connection.execute(statement, rows)

    async def run_given(self, statement: sa.Executable, rows: Rows) -> CursorResult[Any]:
        """Execute a statement that is made from the rows `given`."""
        return await self.run(statement, as_given(self.is_postgresql, rows, self.clock()))

    async def insert(self, table: sa.Table, rows: Rows, *stamped: str) -> None:
        """Put in rows, all with values for the same columns; the columns `stamped` get the database's time."""
        if rows:
            await self.run_given(insertion(table, tuple(rows[0]), stamped, self.is_postgresql), rows)

    async def insert_numbered(self, table: sa.Table, rows: Rows, *stamped: str) -> list[int]:
        """The same; answers with the numbers that the rows got, in order."""
        if not rows:
            return []
        result = await self.run_given(numbering(table, tuple(rows[0]), stamped, self.is_postgresql), rows)
        return sorted(result.scalars())

    def now(self, later: timedelta = timedelta()) -> sa.ColumnElement[datetime]:
        """The database's time plus `later`, as an expression.

        PostgreSQL tells it, so that replicas whose clocks differ agree on leases; on SQLite there is one process.
        """
        if self.is_postgresql:
            return sa.type_coerce(sa.func.clock_timestamp() + sa.literal(later, sa.Interval()), UTCDateTime())
        return sa.literal(self.clock() + later, UTCDateTime())

    async def read_clock(self) -> datetime:
        """The database's time, told; see `now`."""
        if not self.is_postgresql:
            return self.clock()
        now: datetime = (await self.run(sa.select(self.now()))).scalar_one()
        return now

    def upsert(self, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that knows ON CONFLICT."""
        return upsert(table, self.is_postgresql)

    def skip_locked(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Lock the rows found and pass over those that another process has locked."""
        return query.with_for_update(skip_locked=True) if self.is_postgresql else query
