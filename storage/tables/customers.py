"""The tables of customers, and of what was erased."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.rows import Row, table
from storage.tables.rows import text as long_text


class CustomerRow(Row, table=True):
    """A record of somebody who wrote to us.

    Records of one person make a tree, by `merged_into`; `person_id` is its root (None: the record itself).
    """

    __tablename__ = "customer"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    created_at: datetime
    kana: str = ""
    language: str = ""
    tags: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    caution: str = long_text(default="")
    merged_into: int | None = None
    person_id: int | None = Field(default=None, index=True)
    erased_at: datetime | None = None


class CustomerNoteRow(Row, table=True):
    """What somebody of the team wrote down about a customer."""

    __tablename__ = "customer_note"
    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    at: datetime
    text: str = long_text()


class CustomerEventRow(Row, table=True):
    """What the team did to a customer's record; appended, never changed."""

    __tablename__ = "customer_event"
    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    at: datetime
    kind: str
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class IdentityRow(Row, table=True):
    """An address, a number in E.164 or a chat's id by which a customer is surely known."""

    __tablename__ = "identity"
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)


class ErasureRow(Row, table=True):
    """That a person's data were erased, when, and how much; `identities` holds digests, never the identities."""

    __tablename__ = "erasure"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    identities: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    inquiries: int
    mails: int


class ErasedMailRow(Row, table=True):
    """A mail that was erased and may still lie on a server: it does not come back."""

    __tablename__ = "erased_mail"
    sha256: str = Field(primary_key=True)
    at: datetime


customer = table(CustomerRow)
customer_note = table(CustomerNoteRow)
customer_event = table(CustomerEventRow)
identity = table(IdentityRow)
erasure = table(ErasureRow)
erased_mail = table(ErasedMailRow)
