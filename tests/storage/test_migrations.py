"""The schema: made from nothing on both databases, whole or not at all, by however many start at once."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.ports import StoreDown
from storage.database import Database
from storage.schema import MIGRATIONS, bring_up_to_date, latest
from storage.tables import metadata
from tests.builders import a_queue, opened
from tests.storage.racers import in_processes, migrate
from tests.support.clock import Clock

AT_ONCE = 4


def differences(url: str) -> list[Any]:
    """How the tables in the database differ from those in the code."""
    with connected(url) as connection:
        opts = {"compare_type": True, "include_name": _is_in_the_code}
        return list(compare_metadata(MigrationContext.configure(connection, opts=opts), metadata))


def _is_in_the_code(name: str | None, kind: str, _parents: Any) -> bool:
    """All but the full-text index, which is of another make on each database."""
    return kind != "table" or not str(name).startswith("search_index")


def connected(url: str) -> sa.Connection:
    return sa.create_engine(make_url(url), poolclass=sa.NullPool).connect()


def execute(url: str, statement: str) -> None:
    with connected(url) as connection:
        connection.execute(sa.text(statement))
        connection.commit()


def tables(url: str) -> set[str]:
    with connected(url) as connection:
        return {name for name in sa.inspect(connection).get_table_names() if not name.startswith("search_index_")}


async def test_from_nothing_to_the_tables_of_the_code(empty_url: str) -> None:
    await bring_up_to_date(empty_url)
    assert tables(empty_url) == {*metadata.tables, "alembic_version", "search_index"}
    assert differences(empty_url) == []
    await bring_up_to_date(empty_url)
    assert differences(empty_url) == []


@pytest.mark.parametrize(
    "drift",
    [
        "ALTER TABLE outbox DROP COLUMN reason",
        "ALTER TABLE outbox ADD COLUMN surplus INTEGER",
        "DROP INDEX ix_mail_outcome",
        "ALTER TABLE mail RENAME COLUMN sender TO writer",
    ],
)
async def test_a_difference_would_be_noticed(database_url: str, drift: str) -> None:
    execute(database_url, drift)
    assert differences(database_url) != []


async def test_the_first_inquiry_of_a_new_database_is_1001(empty_url: str, clock: Clock) -> None:
    await bring_up_to_date(empty_url)
    database = Database(empty_url, clock)
    await a_queue(database)
    (inquiry,) = await opened(database)
    assert inquiry.number == 1001
    await database.close()


async def test_a_folder_for_a_sqlite_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "var" / "deep" / "new.db"
    await bring_up_to_date(f"sqlite:///{path}")
    assert path.exists()


async def test_an_older_database_is_brought_forward(database_url: str) -> None:
    with connected(database_url) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert tables(database_url) & set(metadata.tables) == set()
    await bring_up_to_date(database_url)
    assert differences(database_url) == []


async def test_a_newer_database_is_left_alone_in_a_sentence(database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RuntimeError, match=f"newer Madoguchi .*9999.*{latest()}.*DATABASE_URL"):
        await bring_up_to_date(database_url)


async def test_a_migration_that_fails_halfway_leaves_nothing_half_made(empty_url: str) -> None:
    execute(empty_url, "CREATE TABLE mail (id INTEGER)")
    with pytest.raises((StoreDown, DBAPIError)):
        await bring_up_to_date(empty_url)
    assert tables(empty_url) == {"mail"}
    execute(empty_url, "DROP TABLE mail")
    await bring_up_to_date(empty_url)
    assert differences(empty_url) == []


async def test_several_processes_may_start_at_once(empty_postgres_url: str) -> None:
    await in_processes([partial(migrate, empty_postgres_url)] * AT_ONCE)
    assert differences(empty_postgres_url) == []
