"""a message that somebody approves before it goes."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "c3a95e1f7d20"
down_revision = "d3f0a61b7c28"
branch_labels = None
depends_on = None

_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()
_WORDS = sqlmodel.sql.sqltypes.AutoString()
_UNAPPROVED = sa.text("state = 'waiting' AND approval IS NOT NULL AND approved_at IS NULL")


def upgrade() -> None:
    op.add_column("message", sa.Column("approval", _WORDS, nullable=True))
    op.add_column("message", sa.Column("approved_at", _INSTANT, nullable=True))
    op.create_index(
        "ix_message_unapproved",
        "message",
        ["id"],
        unique=False,
        sqlite_where=_UNAPPROVED,
        postgresql_where=_UNAPPROVED,
    )
    op.create_table(
        "message_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("outcome", _WORDS, nullable=False),
        sa.Column("decided_by", _WORDS, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("template_hash", _WORDS, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("void_at", _INSTANT, nullable=True),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("message_id", "customer_id"):
        name = op.f(f"ix_message_approval_{column}")
        op.create_index(name, "message_approval", [column], unique=False)


def downgrade() -> None:
    op.drop_table("message_approval")
    op.drop_index("ix_message_unapproved", "message")
    op.drop_column("message", "approved_at")
    op.drop_column("message", "approval")
