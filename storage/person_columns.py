"""What a person is called and whether they need care, as columns of a query: records that were joined count too."""

import sqlalchemy as sa

from storage.tables import customer


def person_name(of: sa.FromClause) -> sa.ColumnElement[str]:
    """What a person is called: by the name of their own record, else of the first that was joined and has one."""
    return _first_said(of, "name")


def person_caution(of: sa.FromClause) -> sa.ColumnElement[str]:
    """Why a person needs care; a flag on any of their records is one on them."""
    return _first_said(of, "caution")


def _first_said(of: sa.FromClause, column: str) -> sa.ColumnElement[str]:
    joined = customer.alias("joined")
    said = sa.select(joined.c[column]).where(joined.c.person_id == of.c.id, joined.c[column] != "")
    first = said.order_by(joined.c.id).limit(1).scalar_subquery()
    return sa.case((of.c[column] != "", of.c[column]), else_=sa.func.coalesce(first, ""))
