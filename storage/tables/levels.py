"""The tables of service levels: what was laid down, what people were reminded of, digests and escalations."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.rows import Row, table
from storage.tables.rows import text as long_text

ALL = -1
"""`LevelsRow.applied` once every open inquiry follows the version."""


class LevelsRow(Row, table=True):
    """All service levels as somebody laid them down, as YAML; the newest version holds.

    `applied`: the last of the open inquiries, in order, that has been marked to be timed anew by it.
    """

    __tablename__ = "levels"
    version: int = Field(primary_key=True)
    at: datetime
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    why: str = long_text(default="")
    body: str = long_text()
    applied: int = 0


class NudgeRow(Row, table=True):
    """A nudge that came up and was dealt with: each once. `text` is what somebody wanted to be reminded of."""

    __tablename__ = "nudge"
    number: int = Field(primary_key=True, foreign_key="inquiry.number")
    key: str = Field(primary_key=True)
    kind: str
    name: str = ""
    target: str = ""
    due_at: datetime | None = None
    at: datetime
    noted_at: datetime = Field(index=True)
    outcome: str
    text: str = long_text(default="")


class TellingRow(Row, table=True):
    """A nudge on its way to one place; `outbox_id` is the message that tells it, with others, once there is one.

    `agent_id`: to whom, by direct message; `rung`: as whom. `after`: when it may be told (quiet hours).
    """

    __tablename__ = "telling"
    __table_args__ = (
        sa.UniqueConstraint("number", "key", "platform", "channel"),
        sa.Index(
            "ix_telling_untold",
            "platform",
            "channel",
            "after",
            sqlite_where=sa.text("outbox_id IS NULL"),  # on PostgreSQL too; saying so here loads its dialect
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(foreign_key="inquiry.number")
    key: str
    platform: str
    channel: str
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    rung: str
    after: datetime
    outbox_id: int | None = Field(default=None, index=True)


class FollowUpRow(Row, table=True):
    """Somebody wants to be reminded of an inquiry."""

    __tablename__ = "follow_up"
    __table_args__ = (sa.Index("ix_follow_up_due", "at", sqlite_where=sa.text("told_at IS NULL")),)  # likewise
    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(foreign_key="inquiry.number", index=True)
    agent_id: int = Field(foreign_key="agent.id", index=True)
    at: datetime
    note: str = long_text(default="")
    created_at: datetime
    told_at: datetime | None = None


class DigestRow(Row, table=True):
    """A digest of a queue, one for each part ("morning", "evening") of a day of its calendar, with its figures."""

    __tablename__ = "digest"
    __table_args__ = (sa.UniqueConstraint("queue", "day", "part"),)
    id: int | None = Field(default=None, primary_key=True)
    queue: str = Field(foreign_key="queue.name")
    day: date
    part: str
    at: datetime
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class EscalationRow(Row, table=True):
    """Help that somebody asked for with an inquiry, and what became of it.

    `topic` is whose experts were asked, `platform` and `channel` where they are; empty: the supervisors. `hops` counts
    how often it was passed on, and `posts` are the messages that tell of it: for whom, platform, channel, hop.
    `helped` is the asker's word once they gave it.
    """

    __tablename__ = "escalation"
    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(foreign_key="inquiry.number", index=True)
    at: datetime
    agent_id: int = Field(foreign_key="agent.id")
    help: str
    urgency: str
    topic: str = ""
    platform: str = ""
    channel: str = ""
    criterion: str = long_text(default="")
    content: str = long_text()
    tried: str = long_text(default="")
    posts: list[list[Any]] = Field(default_factory=list, sa_type=sa.JSON)
    state: str = "asked"
    version: int = 1
    hops: int = 0
    taken_by: int | None = Field(default=None, foreign_key="agent.id")
    taken_at: datetime | None = None
    verdict: str = ""
    answer: str = long_text(default="")
    answered_by: int | None = Field(default=None, foreign_key="agent.id")
    answered_at: datetime | None = None
    helped: str = ""
    feedback: str = long_text(default="")
    fed_back_at: datetime | None = None


levels = table(LevelsRow)
nudge = table(NudgeRow)
telling = table(TellingRow)
follow_up = table(FollowUpRow)
digest = table(DigestRow)
escalation = table(EscalationRow)
