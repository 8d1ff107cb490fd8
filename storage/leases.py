"""Leases: work that one replica at a time may do, under advisory locks of PostgreSQL."""

import asyncio
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.database import Database


class Leases:
    """Locks on one connection of their own: the server frees them when this process dies or loses it.

    On SQLite there is one process, so that everything is ours.
    """

    def __init__(self, database: Database) -> None:
        self._engine: AsyncEngine | None = None
        if not database.is_sqlite:
            self._engine = create_async_engine(
                database.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
            )
        self._connection: AsyncConnection | None = None
        self._held: set[str] = set()
        self._turn = asyncio.Lock()

    async def hold(self, name: str) -> bool:
        """Take a lease, or confirm that it is still ours; False when another replica has it, or nobody knows."""
        if self._engine is None:
            return True
        async with self._turn:
            try:
                connection = await self._connected(self._engine)
                if name in self._held:
                    await connection.execute(sa.text("select 1"))
                    return True
                query = sa.text("select pg_try_advisory_lock(:key)")
                taken = bool((await connection.execute(query, {"key": _key(name)})).scalar())
            except (DBAPIError, OSError):
                await self._drop()
                return False
            if taken:
                self._held.add(name)
            return taken

    async def release(self, name: str) -> None:
        """Give a lease up, if it is ours."""
        async with self._turn:
            if self._connection is None or name not in self._held:
                return
            self._held.discard(name)
            try:
                await self._connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": _key(name)})
            except (DBAPIError, OSError):
                await self._drop()

    async def close(self) -> None:
        """Give up all of them."""
        async with self._turn:
            await self._drop()
            if self._engine:
                await self._engine.dispose()

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        if self._connection is None:
            self._connection = await engine.connect()
        return self._connection

    async def _drop(self) -> None:
        self._held.clear()
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()


def _key(name: str) -> int:
    """A lock's number: PostgreSQL knows locks by 64-bit integers."""
    return int.from_bytes(sha256(f"madoguchi:{name}".encode()).digest()[:8], signed=True)
