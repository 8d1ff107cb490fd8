"""A store whose time passes as the test wants, on PostgreSQL too: there a function stands before the server's own."""

from datetime import datetime, timedelta
from urllib.parse import quote

import psycopg
from sqlalchemy.engine import make_url

from storage.database import Database
from tests.support.clock import Clock

SCHEMA = "virtual"
_MADE = f"""
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
CREATE SCHEMA {SCHEMA};
CREATE TABLE {SCHEMA}.time (now timestamptz);
INSERT INTO {SCHEMA}.time VALUES (now());
CREATE FUNCTION {SCHEMA}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT now FROM {SCHEMA}.time';
"""


class VirtualTime(Clock):
    """The tests' clock, and that of the database which it winds: by it all processes of that database go."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._plain = url
        self.url = url
        if not url.startswith("sqlite"):
            self.url = f"{url}{'&' if '?' in url else '?'}options={quote(f'-c search_path={SCHEMA},pg_catalog,public')}"
            self._tell(_MADE)
        self.set(self())

    def set(self, at: datetime) -> None:
        super().set(at)
        if self.url != self._plain:
            self._tell(f"UPDATE {SCHEMA}.time SET now = '{at.isoformat()}'")

    def forward(self, by: timedelta) -> datetime:
        self.set(self() + by)
        return self()

    def database(self) -> Database:
        """One more process's store."""
        return Database(self.url, self)

    def close(self) -> None:
        """Let the server's own time hold again."""
        if self.url != self._plain:
            self._tell(f"DROP SCHEMA {SCHEMA} CASCADE")

    def _tell(self, statement: str) -> None:
        url = make_url(self._plain).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
