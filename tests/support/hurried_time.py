"""A clock whose seconds are short, for many processes and for their database's server: minutes pass in moments."""

from datetime import UTC, datetime
from urllib.parse import quote

import psycopg
from sqlalchemy.engine import make_url

SCHEMA = "hurried"


class HurriedTime:
    """`bot.ports.Clock` by which `speed` seconds pass in one since it began.

    `url` is the database's, with that time as the server's own. `open` makes it so, once for all processes.
    """

    def __init__(self, url: str, speed: float, began: datetime | None = None) -> None:
        self._plain = url
        self.speed = speed
        self.began = began or datetime.now(UTC)
        self.url = url
        if not url.startswith("sqlite"):
            self.url = f"{url}{'&' if '?' in url else '?'}options={quote(f'-c search_path={SCHEMA},pg_catalog,public')}"

    def __call__(self) -> datetime:
        return self.began + (datetime.now(UTC) - self.began) * self.speed

    def seconds(self) -> float:
        """The same as seconds since 1970."""
        return self().timestamp()

    def open(self) -> None:
        """Put a function before the server's own clock."""
        if self.url == self._plain:
            return
        began = f"timestamptz '{self.began.isoformat()}'"
        self._tell(
            f"""
            DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
            CREATE SCHEMA {SCHEMA};
            CREATE FUNCTION {SCHEMA}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
                AS $$ SELECT {began} + (pg_catalog.clock_timestamp() - {began}) * {self.speed} $$;
            """
        )

    def close(self) -> None:
        """Let the server's own time hold again."""
        if self.url != self._plain:
            self._tell(f"DROP SCHEMA {SCHEMA} CASCADE")

    def _tell(self, statement: str) -> None:
        url = make_url(self._plain).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
