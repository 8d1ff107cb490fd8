"""Calls and advice: phone calls, whose telephone is whose, boards, advice with its receipts, and articles."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("undisturbed_until", UTCDateTime(), nullable=True))
    _outbox()
    _phone()
    _advice()
    _articles()


def _outbox() -> None:
    whispers = "kind = 'advice' AND state <> 'done' AND state <> 'refused'"
    _partial("ix_outbox_urgent", "outbox", ["platform", "channel", "id"], whispers)


def _phone() -> None:
    _table(
        "phone_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("reports", sa.JSON(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.UniqueConstraint("provider", "line", "agent_id", name=op.f("uq_phone_call_provider_line_agent_id")),
        agent_id="agent.id",
        number="inquiry.number",
        customer_id="customer.id",
    )
    op.create_index(op.f("ix_phone_call_number"), "phone_call", ["number"])
    op.create_index(op.f("ix_phone_call_customer_id"), "phone_call", ["customer_id"])
    op.create_index("ix_phone_call_recent", "phone_call", ["agent_id", "started_at"])
    _partial("ix_phone_call_live", "phone_call", ["agent_id"], "is_live")
    _table(
        "extension",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        key=["address"],
        agent_id="agent.id",
    )
    op.create_index(op.f("ix_extension_agent_id"), "extension", ["agent_id"])
    _table(
        "board",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        key=["platform", "channel"],
    )


def _advice() -> None:
    _table(
        "prepared_advice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("caution", sa.Boolean(), nullable=False),
        sa.Column("longer_than", sa.Integer(), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        owner_id="agent.id",
        changed_by="agent.id",
    )
    _table(
        "advice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=True),
        sa.Column("rule_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("second_at", UTCDateTime(), nullable=True),
        sa.UniqueConstraint("call_id", "rule_id", name=op.f("uq_advice_call_id_rule_id")),
        call_id="phone_call.id",
        number="inquiry.number",
        to_id="agent.id",
        sender_id="agent.id",
        rule_id="prepared_advice.id",
        second_id="agent.id",
    )
    for column in ("number", "to_id", "rule_id", "outbox_id"):
        op.create_index(op.f(f"ix_advice_{column}"), "advice", [column])
    _table(
        "receipt",
        sa.Column("advice_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        key=["advice_id", "token"],
        advice_id="advice.id",
    )
    _table(
        "help_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("experts_at", UTCDateTime(), nullable=True),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        call_id="phone_call.id",
        number="inquiry.number",
        agent_id="agent.id",
        answered_by="agent.id",
    )
    for column in ("call_id", "number"):
        op.create_index(op.f(f"ix_help_request_{column}"), "help_request", [column])


def _articles() -> None:
    _table(
        "article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("situation", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approved_version", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("advice_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.UniqueConstraint("advice_id", name=op.f("uq_article_advice_id")),
        owner_id="agent.id",
        advice_id="advice.id",
        number="inquiry.number",
    )
    op.create_index(op.f("ix_article_review_on"), "article", ["review_on"])
    op.create_index(op.f("ix_article_number"), "article", ["number"])
    _table(
        "article_version",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("situation", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        key=["article_id", "version"],
        article_id="article.id",
        agent_id="agent.id",
    )


def _table(
    name: str, *columns: sa.Column[Any] | sa.Constraint, key: list[str] | None = None, **references: str
) -> None:
    """A table with its primary key ("id") and its references, named as the others are."""
    keys = [
        sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{name}_{column}_{to.partition('.')[0]}"))
        for column, to in references.items()
    ]
    op.create_table(name, *columns, *keys, sa.PrimaryKeyConstraint(*(key or ["id"]), name=op.f(f"pk_{name}")))


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_index("ix_outbox_urgent", "outbox")
    for table in ("article_version", "article", "help_request", "receipt", "advice", "prepared_advice"):
        op.drop_table(table)
    for table in ("board", "extension", "phone_call"):
        op.drop_table(table)
    op.execute(
        "DELETE FROM outbox WHERE kind IN ('call', 'call_check', 'board', 'advice', 'receipts', 'help', 'unread')"
    )
    with op.batch_alter_table("agent") as agent:
        agent.drop_column("undisturbed_until")
