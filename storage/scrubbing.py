"""No byte of what was deleted stays in the database's files, as far as that is ours to do."""

import asyncio
import sqlite3
from contextlib import closing

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from storage.database import async_url

PATIENCE = 30.0
"""Seconds that others at work on a SQLite file are waited for."""
BUSY = "the database is being read without a pause"
TOUCHED = (
    "customer customer_note customer_event identity inquiry event message mail mail_content outbox download document "
    "search_index reindex nudge telling follow_up escalation phone_call advice help_request article article_version"
)


async def scrub(url: str) -> str:
    """Rewrite a SQLite file without what was deleted, and empty its log; on PostgreSQL, vacuum the tables.

    Empty when it was done, else why not; it may be done again at any time, also while the desk runs. On SQLite the
    desk's changes wait meanwhile.
    """
    parsed = make_url(async_url(url))
    if parsed.get_backend_name() != "sqlite":
        return await asyncio.to_thread(_vacuumed, parsed)
    return await asyncio.to_thread(_rewritten, parsed.database) if parsed.database else ""


def _rewritten(path: str) -> str:
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            # Its segments keep the words of what was deleted until they are merged into one.
            connection.execute("INSERT INTO search_index (search_index) VALUES ('optimize')")
            connection.execute("VACUUM")
            (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return BUSY if is_busy else ""


def _vacuumed(url: sa.URL) -> str:
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"VACUUM {', '.join(TOUCHED.split())}")
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or error)
    finally:
        engine.dispose()
    return ""
