"""The tables. Times are UTC and aware; enumerations are stored as their words, checked by the domain."""

from datetime import date, datetime
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

FIRST_NUMBER = 1001
"""Numbers of inquiries begin here, so that all of them have four digits for a long while."""


def _text(**options: Any) -> Any:
    return Field(sa_type=sa.Text, **options)


class _Row(SQLModel):
    model_config = {"defer_build": True}  # no row is ever validated: building that costs a part of the start


class QueueRow(_Row, table=True):
    """A queue of inquiries."""

    __tablename__ = "queue"
    name: str = Field(primary_key=True)
    language: str
    time_zone: str


class RouteRow(_Row, table=True):
    """A channel that shows a queue's cards."""

    __tablename__ = "route"
    queue: str = Field(primary_key=True, foreign_key="queue.name")
    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)


class AgentRow(_Row, table=True):
    """A person of the team; without a role, somebody who was one."""

    __tablename__ = "agent"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    role: str | None
    language: str
    language_chosen: bool = False
    role_from: str = ""
    time_zone: str


class HandleRow(_Row, table=True):
    """Who an agent is on a platform. `joined`: a second handle, that a code made theirs."""

    __tablename__ = "handle"
    platform: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    agent_id: int = Field(foreign_key="agent.id", index=True)
    joined: bool = False


class CustomerRow(_Row, table=True):
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
    caution: str = _text(default="")
    merged_into: int | None = None
    person_id: int | None = Field(default=None, index=True)
    erased_at: datetime | None = None


class CustomerNoteRow(_Row, table=True):
    """What somebody of the team wrote down about a customer."""

    __tablename__ = "customer_note"
    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    at: datetime
    text: str = _text()


class CustomerEventRow(_Row, table=True):
    """What the team did to a customer's record; appended, never changed."""

    __tablename__ = "customer_event"
    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    at: datetime
    kind: str
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class IdentityRow(_Row, table=True):
    """An address, a number in E.164 or a chat's id by which a customer is surely known."""

    __tablename__ = "identity"
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)


class InquiryRow(_Row, table=True):
    """An inquiry as it stands.

    `customer_id` is the person, `record_id` the record by which it came, where that is another one (merged).
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        sa.Index("ix_inquiry_open", "status", "holder_id", "opened_at"),
        sa.Index("ix_inquiry_history", "customer_id", "opened_at"),
        sa.Index(
            "ix_inquiry_open_of",
            "customer_id",
            "opened_at",
            sqlite_where=sa.text("status != 'resolved'"),
            postgresql_where=sa.text("status != 'resolved'"),
        ),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    queue: str = Field(foreign_key="queue.name", index=True)
    customer_id: int = Field(foreign_key="customer.id")
    record_id: int | None = None
    address: str
    subject: str = _text()
    status: str
    holder_id: int | None = Field(default=None, foreign_key="agent.id")
    held_since: datetime | None = None
    opened_at: datetime
    waiting_since: datetime
    resolved_at: datetime | None = None
    answered_at: datetime | None = None
    related: int | None = None
    note: str = _text(default="")
    excerpt: str = _text(default="")
    attachments: int = 0
    messages: int = 1
    readable: bool = True
    version: int = 1
    spoken_version: int = 1
    holder_version: int = 1
    erased_at: datetime | None = None


class EventRow(_Row, table=True):
    """What happened to an inquiry; appended, never changed. One event leads to each version."""

    __tablename__ = "event"
    number: int = Field(primary_key=True, foreign_key="inquiry.number")
    version: int = Field(primary_key=True)
    kind: str
    at: datetime = Field(index=True)
    source: str
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class MailRow(_Row, table=True):
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
    sender: str = _text(default="")
    subject: str = _text(default="")


class MailboxRow(_Row, table=True):
    """How far a mailbox on a server has been taken in, and where that began."""

    __tablename__ = "mailbox"
    name: str = Field(primary_key=True)
    validity: int = Field(sa_type=sa.BigInteger)
    last_uid: int = Field(sa_type=sa.BigInteger)
    began_at: datetime
    began_uid: int = Field(sa_type=sa.BigInteger)


class MailContentRow(_Row, table=True):
    """A mail's bytes, apart from what changes about it."""

    __tablename__ = "mail_content"
    mail_id: int = Field(primary_key=True, foreign_key="mail.id")
    content: bytes


class DownloadRow(_Row, table=True):
    """A raw mail that somebody may download, until then."""

    __tablename__ = "download"
    token: str = Field(primary_key=True)
    mail_id: int = Field(foreign_key="mail.id")
    agent_id: int = Field(foreign_key="agent.id")
    until: datetime = Field(index=True)


class MessageRow(_Row, table=True):
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
    subject: str = _text()
    text: str = _text()
    reply_text: str = _text()
    outgoing: bool = False
    participants: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    files: list[Any] = Field(default_factory=list, sa_type=sa.JSON)


class OutboxRow(_Row, table=True):
    """A notice on its way to one place. A card has one row a place, due again at each change.

    `number` is what the notice is about: an inquiry, or a template where its kind says so. `message` is where it went.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_due", "state", "due_at"),
        sa.Index("ix_outbox_lane", "platform", "channel", "number", "id"),
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
    reason: str = _text(default="")


class LinkRow(_Row, table=True):
    """A code by which somebody joins another handle to their own; only its digest is kept."""

    __tablename__ = "link"
    agent_id: int = Field(primary_key=True, foreign_key="agent.id")
    digest: str = Field(unique=True)
    until: datetime


class ArrivalRow(_Row, table=True):
    """An event of a platform that has had its effect."""

    __tablename__ = "arrival"
    source: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    at: datetime = Field(index=True)


class PlacementRow(_Row, table=True):
    """Where an inquiry's card stands in one channel; no message: it was deleted there."""

    __tablename__ = "placement"
    __table_args__ = (sa.Index("ix_placement_message", "platform", "message"),)
    number: int = Field(primary_key=True, foreign_key="inquiry.number")
    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    posted_in: str = ""
    message: str | None = None
    generation: int = 1


class TemplateRow(_Row, table=True):
    """A template as it stands: one for each name, queue ("" any) and language."""

    __tablename__ = "template"
    __table_args__ = (sa.UniqueConstraint("name", "queue", "language"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str
    queue: str = ""
    language: str
    title: str
    body: str = _text()
    version: int = 1
    owner_id: int | None = Field(default=None, foreign_key="agent.id")
    review_on: date | None = Field(default=None, index=True)
    reminded_on: date | None = None
    retired: bool = False
    uses: int = 0
    used_at: datetime | None = None


class TemplateVersionRow(_Row, table=True):
    """What a template said at each version, who wrote it, and why."""

    __tablename__ = "template_version"
    template_id: int = Field(primary_key=True, foreign_key="template.id")
    version: int = Field(primary_key=True)
    title: str
    body: str = _text()
    at: datetime
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    why: str = _text(default="")


class OpinionRow(_Row, table=True):
    """Whether somebody found an earlier inquiry's answer (`about`) helpful for another one (`number`)."""

    __tablename__ = "opinion"
    number: int = Field(primary_key=True, foreign_key="inquiry.number")
    about: int = Field(primary_key=True, foreign_key="inquiry.number", index=True)
    agent_id: int = Field(primary_key=True, foreign_key="agent.id")
    helpful: bool
    at: datetime


class DocumentRow(_Row, table=True):
    """A text that can be found. Its words stand in the full-text index `search_index`, under the same id.

    `kind` and `ref` say which text it is: an inquiry and its answer by number, a template, a customer or a note by id.
    """

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("kind", "ref"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    ref: int
    number: int | None = Field(default=None, index=True)
    queue: str = ""
    agent_id: int | None = None
    status: str = ""
    at: datetime


class ReindexRow(_Row, table=True):
    """A text that changed since its words were put into the index."""

    __tablename__ = "reindex"
    kind: str = Field(primary_key=True)
    ref: int = Field(primary_key=True)


class ErasureRow(_Row, table=True):
    """That a person's data were erased, when, and how much; `identities` holds digests, never the identities."""

    __tablename__ = "erasure"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    identities: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    inquiries: int
    mails: int


class ErasedMailRow(_Row, table=True):
    """A mail that was erased and may still lie on a server: it does not come back."""

    __tablename__ = "erased_mail"
    sha256: str = Field(primary_key=True)
    at: datetime


def _table(model: type[SQLModel]) -> sa.Table:
    return cast(sa.Table, model.__table__)  # type: ignore[attr-defined]


queue, route = _table(QueueRow), _table(RouteRow)
agent, handle = _table(AgentRow), _table(HandleRow)
customer, identity = _table(CustomerRow), _table(IdentityRow)
customer_note, customer_event = _table(CustomerNoteRow), _table(CustomerEventRow)
template, template_version = _table(TemplateRow), _table(TemplateVersionRow)
document, reindex, opinion = _table(DocumentRow), _table(ReindexRow), _table(OpinionRow)
erasure, erased_mail = _table(ErasureRow), _table(ErasedMailRow)
inquiry, event, message = _table(InquiryRow), _table(EventRow), _table(MessageRow)
download, link = _table(DownloadRow), _table(LinkRow)
mail, mail_content, mailbox = _table(MailRow), _table(MailContentRow), _table(MailboxRow)
outbox, placement, arrival = _table(OutboxRow), _table(PlacementRow), _table(ArrivalRow)

metadata = SQLModel.metadata
