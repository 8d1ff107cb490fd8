"""The tables of advice: what was said to whom during which call, what became of it, and what is said by itself."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.rows import Row, table
from storage.tables.rows import text as long_text


class AdviceRow(Row, table=True):
    """A piece of advice. `call_id` null: an ordinary note. `outbox_id` is the message that brings it.

    `second_id` is the other supervisor who was told that it stayed unread, `second_at` when.
    """

    __tablename__ = "advice"
    __table_args__ = (sa.UniqueConstraint("call_id", "rule_id"),)  # a rule speaks once a call
    id: int | None = Field(default=None, primary_key=True)
    call_id: int | None = Field(default=None, foreign_key="phone_call.id")
    number: int | None = Field(default=None, foreign_key="inquiry.number", index=True)
    to_id: int = Field(foreign_key="agent.id", index=True)
    sender_id: int | None = Field(default=None, foreign_key="agent.id")
    rule_id: int | None = Field(default=None, foreign_key="prepared_advice.id", index=True)
    text: str = long_text()
    at: datetime
    outbox_id: int | None = Field(default=None, index=True)
    second_id: int | None = Field(default=None, foreign_key="agent.id")
    second_at: datetime | None = None


class ReceiptRow(Row, table=True):
    """Something that was told of a piece of advice, at the earliest moment of which anybody told."""

    __tablename__ = "receipt"
    advice_id: int = Field(primary_key=True, foreign_key="advice.id")
    token: str = Field(primary_key=True)
    at: datetime


class HelpRequestRow(Row, table=True):
    """Somebody on a call asks for advice. `posts` are the messages that tell of it: platform, channel."""

    __tablename__ = "help_request"
    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="phone_call.id", index=True)
    number: int | None = Field(default=None, foreign_key="inquiry.number", index=True)
    agent_id: int = Field(foreign_key="agent.id")
    text: str = long_text(default="")
    at: datetime
    state: str = "asked"
    experts_at: datetime | None = None
    posts: list[list[Any]] = Field(default_factory=list, sa_type=sa.JSON)
    answered_by: int | None = Field(default=None, foreign_key="agent.id")
    answered_at: datetime | None = None
    version: int = 1


class PreparedAdviceRow(Row, table=True):
    """Advice that is said by itself, with its conditions; `longer_than` is in seconds. Removed, it is counted."""

    __tablename__ = "prepared_advice"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    text: str = long_text()
    owner_id: int | None = Field(default=None, foreign_key="agent.id")
    words: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    labels: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    caution: bool = False
    longer_than: int | None = None
    is_on: bool = False
    is_removed: bool = False
    changed_at: datetime
    changed_by: int | None = Field(default=None, foreign_key="agent.id")
    version: int = 1


advice = table(AdviceRow)
receipt = table(ReceiptRow)
help_request = table(HelpRequestRow)
prepared_advice = table(PreparedAdviceRow)
