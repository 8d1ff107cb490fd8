"""Events of platforms that have had their effect; languages that people chose; alarms in the outbox."""

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
    op.add_column("agent", sa.Column("language_chosen", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("agent") as agent:
        agent.drop_column("language_chosen")
    op.drop_table("arrival")
