"""Events of platforms that have had their effect; languages that people chose; roles that platforms give; codes that link."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "event", name=op.f("pk_arrival")),
    )
    op.create_index(op.f("ix_arrival_at"), "arrival", ["at"])
    op.create_table(
        "link",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_link_agent_id_agent")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_link_digest")),
    )
    op.add_column("handle", sa.Column("joined", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("agent", sa.Column("role_from", sa.String(), nullable=False, server_default=""))
    op.add_column("agent", sa.Column("language_chosen", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("agent") as agent:
        agent.drop_column("language_chosen")
        agent.drop_column("role_from")
    with op.batch_alter_table("handle") as handle:
        handle.drop_column("joined")
    op.drop_table("link")
    op.drop_table("arrival")
