"""Mailboxes on servers, sent mail, participants, the answers of the team, and downloads of raw mail."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("began_uid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "download",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_download_agent_id_agent")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_download_mail_id_mail")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_download")),
    )
    op.create_index(op.f("ix_download_until"), "download", ["until"])
    op.add_column("inquiry", sa.Column("answered_at", UTCDateTime(), nullable=True))
    op.add_column("inquiry", sa.Column("related", sa.Integer(), nullable=True))
    op.add_column("mail", sa.Column("sent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("message", sa.Column("outgoing", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("message", sa.Column("participants", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("message") as message:
        message.drop_column("participants")
        message.drop_column("outgoing")
    with op.batch_alter_table("mail") as mail:
        mail.drop_column("sent")
    with op.batch_alter_table("inquiry") as inquiry:
        inquiry.drop_column("related")
        inquiry.drop_column("answered_at")
    op.drop_table("download")
    op.drop_table("mailbox")
