"""what the team sits at: texts to read, calls that were made, and who is at what."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "a4c7e1905b3d"
down_revision = "a3f1d08c6b72"
branch_labels = None
depends_on = None

_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()
_WORDS = sqlmodel.sql.sqltypes.AutoString()
_OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "inbox_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("creditor_id", sa.Integer(), nullable=True),
        sa.Column("medium", _WORDS, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("from_address", _WORDS, nullable=True),
        sa.Column("to_address", _WORDS, nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("arrived_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("owner", _WORDS, nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.Column("done_by", _WORDS, nullable=True),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"]),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(
        "ix_inbox_open",
        "inbox_item",
        ["urgency", "due_at", "id"],
        unique=False,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(op.f("ix_inbox_item_reply_id"), "inbox_item", ["reply_id"], unique=False)
    op.create_index(op.f("ix_inbox_item_customer_id"), "inbox_item", ["customer_id"], unique=False)
    op.create_table(
        "work_lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("taken_by", _WORDS, nullable=True),
        sa.Column("until", _INSTANT, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "phone_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("called_at", _INSTANT, nullable=False),
        sa.Column("called_by", _WORDS, nullable=False),
        sa.Column("outcome", _WORDS, nullable=False),
        sa.Column("asked_for", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_phone_call_customer_id"), "phone_call", ["customer_id"], unique=False)
    op.create_index("ix_phone_call_person", "phone_call", ["person_id", "called_at"], unique=False)
    op.execute(_WAITING)


def downgrade() -> None:
    op.drop_table("phone_call")
    op.drop_table("work_lease")
    op.drop_table("inbox_item")


_WAITING = """
    INSERT INTO inbox_item
        (key, reply_id, customer_id, creditor_id, medium, urgency, arrived_at, due_at)
    SELECT 'reply:' || reply.id, reply.id, reply.customer_id, customer.creditor_id, reply.medium,
        5, reply.received_at, reply.received_at
    FROM reply JOIN customer ON customer.id = reply.customer_id
    WHERE reply.classed_at IS NULL AND customer.erased_at IS NULL
    ORDER BY reply.id
"""
