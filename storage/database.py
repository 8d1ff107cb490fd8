"""The database: its engines, its transactions, and the guard that keeps a SQLite file to one process."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.domain.errors import Conflict
from bot.ports import Clock, StoreDown
from storage.unit import Unit

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
"""FULL: what was answered as done survives a power cut, not only a crash of the process."""
LOST_RACES = ("40001", "40P01")
"""PostgreSQL's codes for a serialization failure and a deadlock: it is well, and chose us to give way."""

CONNECTIONS = 10
"""To PostgreSQL, and never more: to wait for a free one is quicker than to connect, and to part again, in a rush."""
TRUSTED = 1.0
"""Seconds for which a connection that lay idle is taken to be alive without asking the server."""


class Database:
    """The store on SQLite or PostgreSQL, by `url`.

    On SQLite one connection writes, each transaction begun IMMEDIATE, and others read beside it. `wake` is
    called after each commit that put notices into the outbox.
    """

    def __init__(self, url: str, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        self.url = async_url(url)
        self.wake = wake
        self._clock = clock
        self._lock: _FileLock | None = None
        self._reader: AsyncEngine
        if self.is_sqlite:
            self._writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE", size=1)
            self._reader = _sqlite_engine(self.url, "BEGIN", size=4)
        else:
            self._writer = self._reader = _postgresql_engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def guard(self) -> None:
        """Keep a SQLite file to this process. Raises RuntimeError when another has it."""
        path = make_url(self.url).database if self.is_sqlite else None
        if path:
            self._lock = _FileLock(Path(path + ".lock"))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Unit]:
        """One unit of work: leaving it commits, raising rolls back. Raises StoreDown, and Conflict on a deadlock."""
        async with self._connected(self._writer) as connection, connection.begin():
            unit = Unit(connection, self._clock)
            yield unit
            await unit.finish()
        if unit.said:
            self.wake()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Unit]:
        """Read only, beside whoever writes. Raises StoreDown."""
        async with self._connected(self._reader) as connection, connection.begin():
            yield Unit(connection, self._clock)

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        if self._lock:
            self._lock.release()

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            async with engine.connect() as connection:
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
            if getattr(getattr(error, "orig", None), "sqlstate", None) in LOST_RACES:
                raise Conflict(str(error)) from error
            raise StoreDown(str(getattr(error, "orig", None) or error)) from error
        except DBAPIError as error:
            if error.connection_invalidated or type(error) is DatabaseError:  # a file that is broken, or no database
                raise StoreDown(str(error.orig)) from error
            raise


def async_url(url: str) -> str:
    """The URL with the asynchronous driver that we use: aiosqlite, psycopg. Raises ValueError on others."""
    scheme, _, rest = url.partition("://")
    match scheme.partition("+")[0]:
        case "sqlite":
            return f"sqlite+aiosqlite://{rest}"
        case "postgres" | "postgresql":
            return f"postgresql+psycopg://{rest}"
    raise ValueError(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {scheme}://")


def _sqlite_engine(url: str, begin: str, size: int) -> AsyncEngine:
    from storage.one_trip import Connection  # aiosqlite is of no use to PostgreSQL

    options = {"timeout": 5, "async_creator_fn": Connection}
    engine = create_async_engine(url, connect_args=options, pool_size=size, max_overflow=0, hide_parameters=True)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or the driver begins transactions by itself, and too late
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0, hide_parameters=True)
    dialect = engine.dialect

    @sa.event.listens_for(engine.sync_engine, "checkin")
    def laid_down(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = monotonic()

    @sa.event.listens_for(engine.sync_engine, "checkout")
    def picked_up(connection: Any, record: Any, _holder: Any) -> None:
        # Like pool_pre_ping, which asks each time: a round trip more for every transaction in a rush.
        if monotonic() - record.info.get("idle_since", inf) > TRUSTED:
            try:
                dialect.do_ping(connection)
            except dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    return engine


class _FileLock:
    """A lock file held while the process lives; the kernel frees it even after kill -9."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        try:
            self._acquire()
        except OSError:
            self._file.close()
            raise RuntimeError(
                f"Another Madoguchi runs on {path.with_suffix('')} already. Stop it first, or set DATABASE_URL "
                "to another file, or to PostgreSQL, which several processes may share."
            ) from None

    def _acquire(self) -> None:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        self._file.close()
