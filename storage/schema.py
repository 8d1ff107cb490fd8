"""The schema's version: brought up to date at start, by one process at a time."""

import asyncio
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from bot.ports import StoreDown

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x4D414447
"""The advisory lock under which replicas that start at once migrate one after the other."""


def latest() -> str:
    """The newest revision: revisions are named by their files, in order."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def bring_up_to_date(url: str) -> None:
    """Apply the revisions that the database lacks. Raises StoreDown when it cannot be reached."""
    await asyncio.to_thread(_migrate, url)


def _migrate(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(drivername="sqlite")
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            if _current(connection) != latest():
                connection.rollback()
                _upgrade(connection)
                connection.commit()
    except OperationalError as error:
        raise StoreDown(str(error.orig)) from error
    finally:
        engine.dispose()


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
