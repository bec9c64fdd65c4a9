"""customers are found by what is typed, and the team writes notes."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "e7c05d1b93a4"
down_revision = "a41c7e90d2b6"
branch_labels = None
depends_on = None

_FOLDED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_OTHERWISE = sa.text("number <> external_id")
_OPEN = sa.text("phase <> 'closed'")
_OF_CUSTOMERS = (
    ("ix_plan_running", "plan", "state = 'running'"),
    ("ix_hardship_open", "hardship", "ended_at IS NULL"),
)


def upgrade() -> None:
    op.create_table(
        "customer_word",
        sa.Column("word", _FOLDED, nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("word", "customer_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_customer_word_customer", "customer_word", ["customer_id", "word"])
    op.create_table(
        "word_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO word_mark (id, customer_id, up_to)"
        " SELECT 1, 0, MAX(id) FROM customer HAVING MAX(id) IS NOT NULL"
    )
    op.create_table(
        "customer_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_customer_note_customer_id", "customer_note", ["customer_id"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("room", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id", "room", "name"),
    )
    op.create_index(
        "ix_invoice_number",
        "invoice",
        ["number"],
        sqlite_where=_OTHERWISE,
        postgresql_where=_OTHERWISE,
    )
    for name, columns in (
        ("ix_case_anchor", ["anchor_on", "id"]),
        ("ix_case_anchor_of", ["creditor_id", "anchor_on", "id"]),
    ):
        op.create_index(name, "dunning_case", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
    for name, table, where in _OF_CUSTOMERS:
        live = sa.text(where)
        op.create_index(name, table, ["customer_id"], sqlite_where=live, postgresql_where=live)


def downgrade() -> None:
    for name, table, _ in _OF_CUSTOMERS:
        op.drop_index(name, table)
    op.drop_index("ix_case_anchor_of", "dunning_case")
    op.drop_index("ix_case_anchor", "dunning_case")
    op.drop_index("ix_invoice_number", "invoice")
    for table in ("saved_view", "customer_note", "word_mark", "customer_word"):
        op.drop_table(table)
