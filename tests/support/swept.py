"""PostgreSQL databases lent to one test after another: sweeping one takes milliseconds, copying one takes long."""

from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from storage.tables import metadata
from tests.support.postgres import create_database, drop_database

PATIENCE = "10s"
"""How long a statement of a test waits for a lock, so that a test whose locks are wrong fails and does not hang."""

_THROW_OUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SHAPE = """
SELECT string_agg(concat_ws(' ', c.relkind, c.relname, a.attname, a.atttypid), ',' ORDER BY c.relname, a.attnum)
       || (SELECT version_num FROM alembic_version)
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'public'::regnamespace
"""


@dataclass
class SweptDatabases:
    """Lends databases that are as empty as the template, whoever had them before."""

    admin: str
    template: str
    _free: list[str] = field(default_factory=list)
    _shape: str = ""
    _sequences: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def lend(self) -> str:
        """The URL of a database of the template's making, for one test alone."""
        if self._free:
            return self._free.pop()
        url = create_database(self.admin, self.template)
        with _connected(url) as connection:
            name = sql.Identifier(make_url(url).database or "")
            connection.execute(sql.SQL("ALTER DATABASE {} SET lock_timeout = {}").format(name, PATIENCE))
            if not self._shape:
                self._look_at(connection)
        return url

    def take_back(self, url: str) -> None:
        """Throw out who is still connected and empty the database; remove it if the test changed its schema."""
        try:
            with _connected(url) as connection:
                connection.execute(_THROW_OUT)
                if connection.execute(_SHAPE).fetchone() != (self._shape,):
                    raise LookupError("the schema is another one now")
                self._sweep(connection)
        except (psycopg.Error, LookupError):
            drop_database(self.admin, url)
        else:
            self._free.append(url)

    def close(self) -> None:
        """Remove the databases that are not lent."""
        for url in self._free:
            drop_database(self.admin, url)

    def _look_at(self, connection: psycopg.Connection) -> None:
        row = connection.execute(_SHAPE).fetchone()
        assert row is not None
        self._shape = row[0]
        for (name,) in connection.execute(
            "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
        ).fetchall():
            query = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))
            last = connection.execute(query).fetchone()
            assert last is not None
            self._sequences[name] = (last[0], last[1])

    def _sweep(self, connection: psycopg.Connection) -> None:
        connection.execute("SET LOCAL lock_timeout = '2s'")
        for table in reversed(metadata.sorted_tables):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        connection.execute("DELETE FROM search_index")
        for name, (last, is_called) in self._sequences.items():
            connection.execute("SELECT setval(%s, %s, %s)", (name, last, is_called))


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
