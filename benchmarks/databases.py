"""Fresh, migrated databases of both kinds, for one benchmark each."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.schema import bring_up_to_date
from tests.support.postgres import HOW_TO_GET, create_database, drop_database, postgres_server


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """URLs by the databases' names; without PostgreSQL on this machine, SQLite alone."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder, postgres_server() as admin:
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'bench.sqlite3'}"}
        if admin:
            urls["PostgreSQL"] = create_database(admin)
        else:
            print(f"No PostgreSQL here: {HOW_TO_GET}.")
        for url in urls.values():
            asyncio.run(bring_up_to_date(url))
        yield urls
        if admin:
            drop_database(admin, urls["PostgreSQL"])
