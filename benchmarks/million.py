"""A million inquiries of fifty thousand customers, a hundred of them with thousands each, made by the database itself.

Rows are made by SQL, since no driver carries millions of them quickly; keys are not checked meanwhile.
"""

from sqlalchemy.engine import make_url

from storage.database import async_url

INQUIRIES = 1_000_000
CUSTOMERS = 50_000
BUSY = 100
"""Customers with thousands of inquiries: three of ten inquiries are theirs."""
FIRST = 1001
AGENTS = 10
SECONDS = 90
"""Between two inquiries: a million fill almost three years."""
BEGAN = 1_680_000_000

WHOSE = f"""CASE WHEN i % 10 < 3 THEN 1 + (i / 10 * 3 + i % 10) % {BUSY}
            ELSE {BUSY + 1} + ((i / 10 * 7 + i % 10) * 7919) % {CUSTOMERS - BUSY} END"""
STATUS = "CASE WHEN i % 50 = 7 THEN 'new' WHEN i % 50 = 8 THEN 'open' ELSE 'resolved' END"


def fill(url: str) -> None:
    """Fill a migrated, empty database that has a queue "support" and so many agents."""
    if url.startswith("sqlite"):
        _fill_sqlite(make_url(url).database or "")
    else:
        _fill_postgresql(url)


def whose(number: int) -> int:
    """The customer of an inquiry."""
    i = number - FIRST
    if i % 10 < 3:
        return 1 + (i // 10 * 3 + i % 10) % BUSY
    return BUSY + 1 + ((i // 10 * 7 + i % 10) * 7919) % (CUSTOMERS - BUSY)


def _statements(series: str, moment: str, no: str, yes: str) -> list[str]:
    """`series` is a table n(i) of {count} numbers from 0, `moment` an expression of the second {second}."""

    def numbers(count: int) -> str:
        return series.format(count=count)

    at = moment.format(second=f"({BEGAN} + i * {SECONDS})")
    later = moment.format(second=f"({BEGAN} + i * {SECONDS} + 5000)")
    columns = "number, version, message_id, at, from_address, from_name, subject, text, reply_text, outgoing"
    letter = f"""INSERT INTO message ({columns}, participants, files)
                 SELECT {FIRST} + i, {{version}}, {{version}} || '.' || i || '@example.com', {{at}}, '', '', '',
                 {{text}}, {{text}}, {{outgoing}}, '[]', '[]' FROM {{numbers}}"""
    return [
        f"""INSERT INTO customer (id, name, created_at, kana, language, tags, caution)
            SELECT 1 + i, 'Customer ' || i, {at}, '', '', '[]', '' FROM {numbers(CUSTOMERS)}""",
        f"""INSERT INTO identity (kind, value, customer_id)
            SELECT 'mail', 'c' || (1 + i) || '@example.com', 1 + i FROM {numbers(CUSTOMERS)}""",
        f"""INSERT INTO inquiry (number, queue, customer_id, address, subject, status, holder_id, held_since, opened_at,
            waiting_since, resolved_at, note, excerpt, attachments, messages, readable, version, spoken_version,
            holder_version)
            SELECT {FIRST} + i, 'support', {WHOSE}, 'c@example.com', 'The parcel is late ' || i, {STATUS},
            CASE WHEN i % 50 != 7 THEN 1 + i % {AGENTS} END, CASE WHEN i % 50 != 7 THEN {later} END, {at}, {at},
            CASE WHEN i % 50 NOT IN (7, 8) THEN {later} END, CASE WHEN i % 3 = 0 THEN 'Sent it again' ELSE '' END,
            'Where is my parcel? I ordered it two weeks ago, and nothing has come so far.', 0, 2, {yes}, 3, 1, 2
            FROM {numbers(INQUIRIES)}""",
        letter.format(
            version=1,
            at=at,
            text="'Where is my parcel? I ordered it two weeks ago.'",
            outgoing=no,
            numbers=numbers(INQUIRIES),
        ),
        letter.format(
            version=3,
            at=later,
            text="'It was sent back to us, and we have sent it again today. Sorry for the trouble.'",
            outgoing=yes,
            numbers=f"{numbers(INQUIRIES)} WHERE i % 2 = 0",
        ),
    ]


def _fill_sqlite(path: str) -> None:
    import sqlite3

    series = (
        "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT i FROM n) AS n"
    )
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA cache_size=-500000")
    for statement in _statements(series, "strftime('%Y-%m-%d %H:%M:%S.000000', {second}, 'unixepoch')", "0", "1"):
        connection.execute(statement)
    connection.commit()
    connection.close()


def _fill_postgresql(url: str) -> None:
    import psycopg

    with psycopg.connect(async_url(url).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _statements(
            "generate_series(0::bigint, {count} - 1) AS n(i)", "to_timestamp({second})", "false", "true"
        ):
            connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")
