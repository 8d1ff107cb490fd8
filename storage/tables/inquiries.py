"""The tables of inquiries, and of the mail that they came by."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.rows import Row, table
from storage.tables.rows import text as long_text


class InquiryRow(Row, table=True):
    """An inquiry as it stands.

    `customer_id` is the person, `record_id` the record by which it came, where that is another one (merged). `timed`
    is the version at which `policy`, `due_at`, `due_target` and `next_at` (when something is to be done or said, if
    nothing happens) were worked out: behind `version`, they have to be worked out anew.
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        sa.Index("ix_inquiry_open", "status", "holder_id", "opened_at"),
        sa.Index("ix_inquiry_history", "customer_id", "opened_at"),
        sa.Index(
            "ix_inquiry_open_of",
            "customer_id",
            "opened_at",
            sqlite_where=sa.text("status != 'resolved'"),  # on PostgreSQL too; saying so here loads its dialect
        ),
        sa.Index("ix_inquiry_untimed", "number", sqlite_where=sa.text("timed < version")),  # likewise
        sa.Index("ix_inquiry_next_at", "next_at", sqlite_where=sa.text("next_at IS NOT NULL")),  # likewise
        sa.Index("ix_inquiry_due_at", "due_at", sqlite_where=sa.text("due_at IS NOT NULL")),  # likewise
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    queue: str = Field(foreign_key="queue.name", index=True)
    customer_id: int = Field(foreign_key="customer.id")
    record_id: int | None = None
    address: str
    subject: str = long_text()
    status: str
    holder_id: int | None = Field(default=None, foreign_key="agent.id")
    held_since: datetime | None = None
    opened_at: datetime
    waiting_since: datetime
    resolved_at: datetime | None = None
    answered_at: datetime | None = None
    related: int | None = None
    note: str = long_text(default="")
    excerpt: str = long_text(default="")
    attachments: int = 0
    messages: int = 1
    readable: bool = True
    version: int = 1
    spoken_version: int = 1
    holder_version: int = 1
    erased_at: datetime | None = None
    tags: list[str] = Field(default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"})
    waiting_until: datetime | None = None
    waiting_for: str = long_text(default="", sa_column_kwargs={"server_default": ""})
    snoozed_until: datetime | None = None
    timed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    policy: str = Field(default="", sa_column_kwargs={"server_default": ""})
    due_at: datetime | None = None
    due_target: str = Field(default="", sa_column_kwargs={"server_default": ""})
    next_at: datetime | None = None


class EventRow(Row, table=True):
    """What happened to an inquiry; appended, never changed. One event leads to each version."""

    __tablename__ = "event"
    number: int = Field(primary_key=True, foreign_key="inquiry.number")
    version: int = Field(primary_key=True)
    kind: str
    at: datetime = Field(index=True)
    source: str
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class MailRow(Row, table=True):
    """A mail as it came in; its outcome is empty until it has been read."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.UniqueConstraint("mailbox", "validity", "uid"),
        sa.Index("ix_mail_outcome", "outcome", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    queue: str = Field(foreign_key="queue.name")
    mailbox: str
    validity: str
    uid: str
    sha256: str = Field(index=True)
    received_at: datetime
    sent: bool = False
    begun_at: datetime
    attempts: int = 0
    outcome: str = ""
    number: int | None = Field(default=None, foreign_key="inquiry.number", index=True)
    sender: str = long_text(default="")
    subject: str = long_text(default="")


class MailboxRow(Row, table=True):
    """How far a mailbox on a server has been taken in, and where that began."""

    __tablename__ = "mailbox"
    name: str = Field(primary_key=True)
    validity: int = Field(sa_type=sa.BigInteger)
    last_uid: int = Field(sa_type=sa.BigInteger)
    began_at: datetime
    began_uid: int = Field(sa_type=sa.BigInteger)


class MailContentRow(Row, table=True):
    """A mail's bytes, apart from what changes about it."""

    __tablename__ = "mail_content"
    mail_id: int = Field(primary_key=True, foreign_key="mail.id")
    content: bytes


class DownloadRow(Row, table=True):
    """A raw mail that somebody may download, until then."""

    __tablename__ = "download"
    token: str = Field(primary_key=True)
    mail_id: int = Field(foreign_key="mail.id")
    agent_id: int = Field(foreign_key="agent.id")
    until: datetime = Field(index=True)


class MessageRow(Row, table=True):
    """What a customer wrote in an inquiry."""

    __tablename__ = "message"
    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(foreign_key="inquiry.number", index=True)
    version: int
    mail_id: int | None = Field(default=None, foreign_key="mail.id")
    message_id: str = Field(index=True)
    at: datetime
    from_address: str
    from_name: str
    subject: str = long_text()
    text: str = long_text()
    reply_text: str = long_text()
    outgoing: bool = False
    participants: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    files: list[Any] = Field(default_factory=list, sa_type=sa.JSON)


inquiry = table(InquiryRow)
event = table(EventRow)
mail = table(MailRow)
mailbox = table(MailboxRow)
mail_content = table(MailContentRow)
download = table(DownloadRow)
message = table(MessageRow)
