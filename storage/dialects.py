"""What PostgreSQL and SQLite each do in their own way: upserts, the present, and many rows at once.

SQLite takes a statement for each row well. To PostgreSQL and its driver that costs more than the rows themselves, and a
list of VALUES is a new statement for each number of rows: it gets the rows as one JSON parameter.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlmodel import UTCDateTime

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Rows = Sequence[dict[str, Any]]
PLACE = "place_among_rows"


def upsert(table: sa.Table, is_postgresql: bool) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows ON CONFLICT."""
    if is_postgresql:
        from sqlalchemy.dialects import postgresql  # slow to import, and of no use to SQLite

        return postgresql.insert(table)
    return sqlite.insert(table)


def present(is_postgresql: bool) -> sa.ColumnElement[datetime]:
    """The database's time in a statement that is made once; see `Session.now`. SQLite takes the parameter `now`."""
    if is_postgresql:
        return sa.type_coerce(sa.func.clock_timestamp(), UTCDateTime())
    return sa.bindparam("now", type_=UTCDateTime())


def given(is_postgresql: bool, **columns: Any) -> Mapping[str, sa.ColumnElement[Any]]:
    """The values of rows in a statement that is made once, by name; with the SQL type of each.

    Execute it with `as_given`. On PostgreSQL PLACE tells the order of the rows.
    """
    if not is_postgresql:
        return {name: sa.bindparam(name, type_=type_) for name, type_ in columns.items()}
    typed = [sa.column(name, type_) for name, type_ in columns.items()]
    rows = sa.cast(sa.bindparam("rows", type_=sa.Text()), sa.JSON)
    table = sa.func.json_to_recordset(rows).table_valued(*typed, sa.column(PLACE, sa.Integer()))
    return dict(table.render_derived(name="given", with_types=True).c)


def as_given(is_postgresql: bool, rows: Rows, now: datetime) -> Rows | dict[str, Any]:
    """Rows as the parameters of a statement that uses `given` and `present`."""
    if is_postgresql:
        placed = [{**row, PLACE: place} for place, row in enumerate(rows)]
        return {"rows": json.dumps(placed, ensure_ascii=False, default=_written)}
    stamped = [{**row, "now": now} for row in rows]
    return stamped[0] if len(stamped) == 1 else stamped


def _written(value: date) -> str:
    """A day, or a moment."""
    return value.isoformat()


@cache
def insertion(
    table: sa.Table, names: tuple[str, ...], stamped: tuple[str, ...], is_postgresql: bool
) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of rows that have values for `names`; the columns `stamped` get the present."""
    row = given(is_postgresql, **{name: table.c[name].type for name in names})
    values = {name: row[name] for name in names} | dict.fromkeys(stamped, present(is_postgresql))
    insert = upsert(table, is_postgresql)
    if not is_postgresql:
        return insert.values(values)
    return insert.from_select(list(values), sa.select(*values.values()).order_by(row[PLACE]), include_defaults=False)


@cache
def numbering(table: sa.Table, names: tuple[str, ...], stamped: tuple[str, ...], is_postgresql: bool) -> Any:
    """The same, answering the numbers that the rows got: in their order, as soon as they are sorted."""
    (key,) = table.primary_key
    insert = insertion(table, names, stamped, is_postgresql)
    return insert.returning(key) if is_postgresql else insert.returning(key, sort_by_parameter_order=True)
