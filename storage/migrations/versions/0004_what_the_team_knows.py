"""Customers with many identities, templates, the full-text index, opinions of past answers, and erasures."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _customers()
    _templates()
    _search()
    _erasures()
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("fk_outbox_number_inquiry"), type_="foreignkey")
        outbox.add_column(sa.Column("posted_in", sa.String(), nullable=False, server_default=""))
        outbox.add_column(sa.Column("message", sa.String(), nullable=True))


def _customers() -> None:
    op.add_column("customer", sa.Column("kana", sa.String(), nullable=False, server_default=""))
    op.add_column("customer", sa.Column("language", sa.String(), nullable=False, server_default=""))
    op.add_column("customer", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("customer", sa.Column("caution", sa.Text(), nullable=False, server_default=""))
    op.add_column("customer", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.add_column("customer", sa.Column("person_id", sa.Integer(), nullable=True))
    op.add_column("customer", sa.Column("erased_at", UTCDateTime(), nullable=True))
    op.create_index(op.f("ix_customer_person_id"), "customer", ["person_id"])
    op.create_table(
        "customer_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_note_customer_id_customer")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_customer_note_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_note")),
    )
    op.create_index(op.f("ix_customer_note_customer_id"), "customer_note", ["customer_id"])
    op.create_table(
        "customer_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_event_customer_id_customer")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_customer_event_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_event")),
    )
    op.create_index(op.f("ix_customer_event_customer_id"), "customer_event", ["customer_id"])
    op.add_column("inquiry", sa.Column("record_id", sa.Integer(), nullable=True))
    op.add_column("inquiry", sa.Column("erased_at", UTCDateTime(), nullable=True))
    op.create_index("ix_inquiry_history", "inquiry", ["customer_id", "opened_at"])
    op.create_index(
        "ix_inquiry_open_of",
        "inquiry",
        ["customer_id", "opened_at"],
        sqlite_where=sa.text("status != 'resolved'"),
        postgresql_where=sa.text("status != 'resolved'"),
    )
    op.drop_index(op.f("ix_inquiry_customer_id"), "inquiry")


def _templates() -> None:
    op.create_table(
        "template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_template_owner_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("name", "queue", "language", name=op.f("uq_template_name_queue_language")),
    )
    op.create_index(op.f("ix_template_review_on"), "template", ["review_on"])
    op.create_table(
        "template_version",
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["template.id"], name=op.f("fk_template_version_template_id_template")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_template_version_agent_id_agent")),
        sa.PrimaryKeyConstraint("template_id", "version", name=op.f("pk_template_version")),
    )


def _search() -> None:
    op.create_table(
        "document",
        sa.Column("id", LARGE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_document_kind_ref")),
    )
    op.create_index(op.f("ix_document_number"), "document", ["number"])
    op.create_table(
        "reindex",
        sa.Column("id", LARGE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reindex")),
    )
    op.create_table(
        "opinion",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["inquiry.number"], name=op.f("fk_opinion_number_inquiry")),
        sa.ForeignKeyConstraint(["about"], ["inquiry.number"], name=op.f("fk_opinion_about_inquiry")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_opinion_agent_id_agent")),
        sa.PrimaryKeyConstraint("number", "about", "agent_id", name=op.f("pk_opinion")),
    )
    op.create_index(op.f("ix_opinion_about"), "opinion", ["about"])
    if op.get_bind().dialect.name == "postgresql":
        # What a phrase needs is read from the row itself: out of line, each text would be two more reads.
        op.execute(
            "CREATE TABLE search_index (rowid bigint PRIMARY KEY, grams tsvector NOT NULL) WITH (toast_tuple_target=8160)"
        )
        op.execute("ALTER TABLE search_index ALTER grams SET STORAGE MAIN")
        op.execute("CREATE INDEX ix_search_index_grams ON search_index USING gin (grams)")
    else:
        op.execute("CREATE VIRTUAL TABLE search_index USING fts5(grams, tokenize='ascii')")
    # What was there before can be found as well, as soon as the index has caught up.
    op.execute("INSERT INTO reindex (kind, ref) SELECT 'inquiry', number FROM inquiry")
    op.execute("INSERT INTO reindex (kind, ref) SELECT 'answer', number FROM inquiry")
    op.execute("INSERT INTO reindex (kind, ref) SELECT 'customer', id FROM customer")


def _erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("identities", sa.JSON(), nullable=False),
        sa.Column("inquiries", sa.Integer(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "erased_mail",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_erased_mail")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE NOT EXISTS (SELECT 1 FROM inquiry WHERE inquiry.number = outbox.number)")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("message")
        outbox.drop_column("posted_in")
        outbox.create_foreign_key(op.f("fk_outbox_number_inquiry"), "inquiry", ["number"], ["number"])
    for table in ("erased_mail", "erasure", "search_index", "opinion", "reindex", "document"):
        op.execute(f"DROP TABLE {table}")
    for table in ("template_version", "template", "customer_event", "customer_note"):
        op.drop_table(table)
    op.create_index(op.f("ix_inquiry_customer_id"), "inquiry", ["customer_id"])
    op.drop_index("ix_inquiry_open_of", "inquiry")
    op.drop_index("ix_inquiry_history", "inquiry")
    with op.batch_alter_table("inquiry") as inquiry:
        inquiry.drop_column("erased_at")
        inquiry.drop_column("record_id")
    op.drop_index(op.f("ix_customer_person_id"), "customer")
    with op.batch_alter_table("customer") as customer:
        for column in ("erased_at", "person_id", "merged_into", "caution", "tags", "language", "kana"):
            customer.drop_column(column)
