"""Service levels: waits, snoozes and due times of inquiries, nudges, absences, digests and escalations."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDED = ("next_at", "due_target", "due_at", "policy", "timed", "snoozed_until", "waiting_for", "waiting_until", "tags")


def upgrade() -> None:
    _inquiries()
    op.add_column("agent", sa.Column("quiet_from", sa.String(), nullable=False, server_default=""))
    op.add_column("agent", sa.Column("quiet_until", sa.String(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("posted_at", UTCDateTime(), nullable=True))
    _partial("ix_outbox_paced", "outbox", ["platform", "channel", "id"], "kind IN ('nudge', 'digest')")
    _table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        agent_id="agent.id",
    )
    op.create_index(op.f("ix_absence_agent_id"), "absence", ["agent_id"])
    _table(
        "levels",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        key=["version"],
        agent_id="agent.id",
    )
    _nudges()
    _table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.UniqueConstraint("queue", "day", "part", name=op.f("uq_digest_queue_day_part")),
        queue="queue.name",
    )
    _escalations()


def _inquiries() -> None:
    op.add_column("inquiry", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("inquiry", sa.Column("waiting_until", UTCDateTime(), nullable=True))
    op.add_column("inquiry", sa.Column("waiting_for", sa.Text(), nullable=False, server_default=""))
    op.add_column("inquiry", sa.Column("snoozed_until", UTCDateTime(), nullable=True))
    op.add_column("inquiry", sa.Column("timed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("inquiry", sa.Column("policy", sa.String(), nullable=False, server_default=""))
    op.add_column("inquiry", sa.Column("due_at", UTCDateTime(), nullable=True))
    op.add_column("inquiry", sa.Column("due_target", sa.String(), nullable=False, server_default=""))
    op.add_column("inquiry", sa.Column("next_at", UTCDateTime(), nullable=True))
    op.execute("UPDATE inquiry SET timed = version WHERE status = 'resolved'")  # there is nothing to be due
    _partial("ix_inquiry_untimed", "inquiry", ["number"], "timed < version")
    _partial("ix_inquiry_next_at", "inquiry", ["next_at"], "next_at IS NOT NULL")
    _partial("ix_inquiry_due_at", "inquiry", ["due_at"], "due_at IS NOT NULL")


def _nudges() -> None:
    _table(
        "nudge",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("noted_at", UTCDateTime(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        key=["number", "key"],
        number="inquiry.number",
    )
    op.create_index(op.f("ix_nudge_noted_at"), "nudge", ["noted_at"])
    _table(
        "telling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("after", UTCDateTime(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.UniqueConstraint(
            "number", "key", "platform", "channel", name=op.f("uq_telling_number_key_platform_channel")
        ),
        number="inquiry.number",
        agent_id="agent.id",
    )
    op.create_index(op.f("ix_telling_outbox_id"), "telling", ["outbox_id"])
    _partial("ix_telling_untold", "telling", ["platform", "channel", "after"], "outbox_id IS NULL")
    _table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        number="inquiry.number",
        agent_id="agent.id",
    )
    op.create_index(op.f("ix_follow_up_number"), "follow_up", ["number"])
    op.create_index(op.f("ix_follow_up_agent_id"), "follow_up", ["agent_id"])
    _partial("ix_follow_up_due", "follow_up", ["at"], "told_at IS NULL")


def _escalations() -> None:
    _table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("help", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hops", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("helped", sa.String(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("fed_back_at", UTCDateTime(), nullable=True),
        number="inquiry.number",
        agent_id="agent.id",
        taken_by="agent.id",
        answered_by="agent.id",
    )
    op.create_index(op.f("ix_escalation_number"), "escalation", ["number"])


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
    for table in ("escalation", "digest", "follow_up", "telling", "nudge", "levels", "absence"):
        op.drop_table(table)
    op.drop_index("ix_outbox_paced", "outbox")
    op.execute("DELETE FROM outbox WHERE kind IN ('nudge', 'digest', 'escalation')")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("posted_at")
    with op.batch_alter_table("agent") as agent:
        agent.drop_column("quiet_until")
        agent.drop_column("quiet_from")
    for index in ("ix_inquiry_due_at", "ix_inquiry_next_at", "ix_inquiry_untimed"):
        op.drop_index(index, "inquiry")
    with op.batch_alter_table("inquiry") as inquiry:
        for column in ADDED:
            inquiry.drop_column(column)
