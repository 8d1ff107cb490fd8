"""The databases lent to tests: as good as new for the next one, whatever the last one did."""

import psycopg
from sqlalchemy.engine import make_url

from storage.database import Database
from tests.builders import a_queue, opened
from tests.support.clock import Clock
from tests.support.swept import SweptDatabases


async def test_the_next_one_finds_it_empty_and_counts_from_the_beginning(
    swept_databases: SweptDatabases, clock: Clock
) -> None:
    for _ in range(2):
        url = swept_databases.lend()
        database = Database(url, clock)
        async with database.snapshot() as tx:
            assert await tx.queues.all() == []
        await a_queue(database)
        (inquiry,) = await opened(database)
        assert (inquiry.number, inquiry.customer.id) == (1001, 1)
        await database.close()
        swept_databases.take_back(url)
        assert swept_databases.lend() == url
        swept_databases.take_back(url)


def test_who_left_a_transaction_open_is_thrown_out(swept_databases: SweptDatabases) -> None:
    url = swept_databases.lend()
    left = psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string())
    left.execute("LOCK TABLE queue")
    swept_databases.take_back(url)
    assert swept_databases.lend() == url
    swept_databases.take_back(url)
    left.close()


def test_a_changed_schema_is_not_lent_again(swept_databases: SweptDatabases) -> None:
    url = swept_databases.lend()
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string()) as connection:
        connection.execute("DROP INDEX ix_mail_outcome")
    swept_databases.take_back(url)
    fresh = swept_databases.lend()
    assert fresh != url
    swept_databases.take_back(fresh)
