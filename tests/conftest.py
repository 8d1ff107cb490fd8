"""What every test can ask for: databases of both kinds, a clock; and the guard that keeps tests on this machine."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.schema import bring_up_to_date
from tests.support.clock import Clock
from tests.support.loopback import Guard
from tests.support.needs import need
from tests.support.postgres import HOW_TO_GET, create_database, drop_database, postgres_server
from tests.support.swept import SweptDatabases


@pytest.fixture(scope="session", autouse=True)
def _no_other_machines() -> Iterator[None]:
    guard = Guard()
    guard.close()
    yield
    guard.lift()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at ten in the morning of a working day in Tokyo until it is moved."""
    return Clock()


@pytest.fixture(scope="session")
def postgres_admin() -> Iterator[str]:
    """The URL of a PostgreSQL server's admin database; tests that ask for it are skipped where there is none."""
    with postgres_server() as url:
        need("postgresql", url is not None, HOW_TO_GET)
        assert url is not None
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_admin: str) -> Iterator[str]:
    """A migrated PostgreSQL database to copy; nobody may connect to it."""
    url = create_database(postgres_admin)
    asyncio.run(bring_up_to_date(url))
    yield url
    drop_database(postgres_admin, url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    asyncio.run(bring_up_to_date(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def swept_databases(postgres_admin: str, postgres_template: str) -> Iterator[SweptDatabases]:
    """Copies of the template for one test after another."""
    databases = SweptDatabases(postgres_admin, postgres_template)
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(swept_databases: SweptDatabases) -> Iterator[str]:
    """A migrated PostgreSQL database of this test alone, as empty as a fresh one; whoever stays is thrown out."""
    url = swept_databases.lend()
    yield url
    swept_databases.take_back(url)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite file of this test alone."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'madoguchi.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of this test alone: the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]))


@pytest.fixture
def empty_postgres_url(postgres_admin: str) -> Iterator[str]:
    """The URL of a PostgreSQL database in which nothing is yet."""
    url = create_database(postgres_admin)
    yield url
    drop_database(postgres_admin, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database in which nothing is yet, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
async def database(database_url: str, clock: Clock) -> AsyncIterator[Database]:
    """An open store on a fresh database, migrated; the test runs on both kinds."""
    opened = Database(database_url, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def on_postgresql(postgres_url: str, clock: Clock) -> AsyncIterator[Database]:
    """An open store on a fresh PostgreSQL database, for what only several processes meet."""
    opened = Database(postgres_url, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def on_sqlite(sqlite_url: str, clock: Clock) -> AsyncIterator[Database]:
    """An open store on a fresh SQLite file, for what goes by the test's own clock."""
    opened = Database(sqlite_url, clock)
    yield opened
    await opened.close()
