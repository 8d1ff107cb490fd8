"""Leases: work that one replica at a time may do, under advisory locks of PostgreSQL."""

import asyncio
from contextlib import suppress
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.database import Database

KEEP_ALIVE = {"tcp_keepalives_idle": 5, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 2}
"""Seconds, for the server: a machine that vanished without a word frees its locks after 15 s, not after two hours."""
LINE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 5}
"""The same for our side, so that no question hangs."""
FAULTS = (SQLAlchemyError, OSError)


class Leases:
    """Locks on one connection of their own: the server frees them when this process dies or loses it.

    On SQLite there is one process, so that everything is ours.
    """

    def __init__(self, database: Database) -> None:
        self._engine: AsyncEngine | None = None
        if not database.is_sqlite:
            self._engine = create_async_engine(
                database.url,
                poolclass=sa.NullPool,
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
                connect_args=LINE,
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
            except FAULTS:
                await self._drop()
                return False
            except asyncio.CancelledError:
                # Whether the server did what it was asked, nobody hears any more: with the connection it is undone.
                await self._drop()
                raise
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
            except FAULTS:
                await self._drop()
            except asyncio.CancelledError:
                await self._drop()
                raise

    async def close(self) -> None:
        """Give up all of them."""
        async with self._turn:
            await self._drop()
            if self._engine:
                await self._engine.dispose()

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        if self._connection is None:
            self._connection = await engine.connect()
            for setting, value in KEEP_ALIVE.items():
                await self._connection.execute(sa.text(f"set {setting} = {value}"))
        return self._connection

    async def _drop(self) -> None:
        self._held.clear()
        connection, self._connection = self._connection, None
        if connection:
            with suppress(*FAULTS):
                await connection.close()


def _key(name: str) -> int:
    """A lock's number: PostgreSQL knows locks by 64-bit integers."""
    return int.from_bytes(sha256(f"madoguchi:{name}".encode()).digest()[:8], signed=True)
