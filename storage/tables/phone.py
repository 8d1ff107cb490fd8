"""The tables of phone calls: who talked with whom and when, whose telephone is whose, and where the boards stand."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.rows import Row, table


class PhoneCallRow(Row, table=True):
    """A call of one agent. `reports` is all that was told of it; the times are worked out from them, to be found by.

    `provider` and `line` are by what telephony knows it, both null for one that was reported by hand. `number` is the
    inquiry that it is about, `caller` a number in E.164. `asked_at`: when its agent was asked whether it goes on.
    """

    __tablename__ = "phone_call"
    __table_args__ = (
        sa.UniqueConstraint("provider", "line", "agent_id"),
        sa.Index(
            "ix_phone_call_live",
            "agent_id",
            sqlite_where=sa.text("is_live"),  # on PostgreSQL too; saying so here loads its dialect
        ),
        sa.Index("ix_phone_call_recent", "agent_id", "started_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agent.id")
    provider: str | None = None
    line: str | None = None
    number: int | None = Field(default=None, foreign_key="inquiry.number", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    caller: str = ""
    reports: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_live: bool = False
    asked_at: datetime | None = None


class ExtensionRow(Row, table=True):
    """By what a telephone system knows an agent: an extension, a number or an address, in lower case."""

    __tablename__ = "extension"
    address: str = Field(primary_key=True)
    agent_id: int = Field(foreign_key="agent.id", index=True)


class BoardRow(Row, table=True):
    """A channel that shows who is on the phone; not shown: somebody took it away there."""

    __tablename__ = "board"
    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    is_shown: bool = True


phone_call = table(PhoneCallRow)
extension = table(ExtensionRow)
board = table(BoardRow)
