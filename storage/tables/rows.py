"""What rows of every table have in common."""

from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """A row of a table."""

    model_config = {"defer_build": True}  # no row is ever validated: building that costs a part of the start


def text(**options: Any) -> Any:
    """A column for texts of any length."""
    return Field(sa_type=sa.Text, **options)


def table(model: type[SQLModel]) -> sa.Table:
    """The table of a row's class, for statements."""
    return cast(sa.Table, model.__table__)  # type: ignore[attr-defined]
