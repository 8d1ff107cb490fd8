"""The tables of the chat: what is on its way there, what stands there, and what came from there."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.rows import Row, table
from storage.tables.rows import text as long_text


class OutboxRow(Row, table=True):
    """A notice on its way to one place. A card has one row a place, due again at each change.

    `number` is what the notice is about: an inquiry, or what else its kind says (a template, a digest).
    `message` is where it went, `posted_at` when it did first.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_due", "state", "due_at"),
        sa.Index("ix_outbox_lane", "platform", "channel", "number", "id"),
        sa.Index(
            "ix_outbox_paced",
            "platform",
            "channel",
            "id",
            sqlite_where=sa.text("kind IN ('nudge', 'digest')"),  # on PostgreSQL too; saying so here loads its dialect
        ),
        sa.Index(
            "ix_outbox_urgent",
            "platform",
            "channel",
            "id",
            sqlite_where=sa.text("kind = 'advice' AND state <> 'done' AND state <> 'refused'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    kind: str
    number: int = Field(index=True)
    version: int
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    platform: str
    channel: str
    posted_in: str = ""
    message: str | None = None
    state: str = "pending"
    revision: int = 1
    taken: int = 0
    attempts: int = 0
    looks: int = 0
    created_at: datetime
    due_at: datetime
    owner: str = ""
    lease_until: datetime | None = None
    started_at: datetime | None = None
    unclear_since: datetime | None = None
    posted_at: datetime | None = None
    reason: str = long_text(default="")


class ArrivalRow(Row, table=True):
    """An event of a platform that has had its effect."""

    __tablename__ = "arrival"
    source: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    at: datetime = Field(index=True)


class PlacementRow(Row, table=True):
    """Where an inquiry's card stands in one channel; no message: it was deleted there."""

    __tablename__ = "placement"
    __table_args__ = (sa.Index("ix_placement_message", "platform", "message"),)
    number: int = Field(primary_key=True, foreign_key="inquiry.number")
    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    posted_in: str = ""
    message: str | None = None
    generation: int = 1


outbox = table(OutboxRow)
arrival = table(ArrivalRow)
placement = table(PlacementRow)
