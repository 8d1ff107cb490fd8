"""SQLite for asyncio with one trip to its thread for each statement, where aiosqlite makes four.

It opens, asks, fetches and closes one by one, and each trip costs as much as a small statement itself.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite


class Connection(aiosqlite.Connection):
    """A connection whose cursors make one trip. To be awaited; its thread ends with the process."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
        self._thread.daemon = True

    def cursor(self) -> "Cursor":  # type: ignore[override]  # what SQLAlchemy asks for, and all that it does
        return Cursor(self)

    async def trip(self, step: Callable[..., None], *arguments: Any) -> None:
        """Do a step in the connection's thread."""
        await self._execute(step, *arguments)  # type: ignore[no-untyped-call]


class Cursor:
    """Holds the rows of the last statement. What SQLAlchemy needs of a cursor, and no more."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Execute one statement, and fetch its rows."""
        await self._connection.trip(self._run, sqlite3.Cursor.execute, statement, values)

    async def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute one statement for each of the rows."""
        await self._connection.trip(self._run, sqlite3.Cursor.executemany, statement, rows)

    async def fetchall(self) -> list[Any]:
        """The rows that have been fetched."""
        return self._rows

    async def close(self) -> None:
        """Nothing is open."""

    def _run(self, how: Any, statement: str, values: Any) -> None:
        cursor = self._connection._conn.cursor()
        try:
            how(cursor, statement, values)
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()
