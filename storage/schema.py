"""The schema's version: brought up to date at start, by one process at a time."""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from bot.ports import StoreDown

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x4D414447
"""The advisory lock under which replicas that start at once migrate one after the other."""


def latest() -> str:
    """The newest revision: revisions are named by their files, in order."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def bring_up_to_date(url: str) -> None:
    """Apply the revisions that the database lacks: all of them or, when anything happens, none.

    Raises StoreDown when it cannot be reached, RuntimeError when a newer Madoguchi has been at work there.
    """
    await asyncio.to_thread(_migrate, url)


def _migrate(url: str) -> None:
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            current = _current(connection) or ""
            if current > latest():
                raise RuntimeError(
                    f"The database was last used by a newer Madoguchi (its schema is {current}, ours is {latest()}). "
                    "Start that version again, or set DATABASE_URL to another database."
                )
            if current != latest():
                connection.rollback()
                _upgrade(connection)
                connection.commit()
    except DatabaseError as error:
        raise StoreDown(str(error.orig)) from error
    finally:
        engine.dispose()


def _engine(url: str) -> sa.Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, poolclass=sa.NullPool, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed.set(drivername="sqlite"), poolclass=sa.NullPool, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or the driver leaves a half-made schema behind when we die

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("select version_num from alembic_version")).scalar()


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # seldom needed, and slow to import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
