"""what is said on the page: answers of the team, wishes for a call, feedback."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "f1a6c3d20b74"
down_revision = "b7f3a1c94e20"
branch_labels = None
depends_on = None

_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()
_WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_by", sa.Date(), nullable=True))
    op.create_table(
        "staff_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_by", _WORDS, nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("staff_answer", "customer_id")
    _index("staff_answer", "reply_id")
    op.create_table(
        "call_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("number", _WORDS, nullable=True),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("task_key", _WORDS, nullable=False),
        sa.Column("cancelled_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("task_key"),
    )
    _index("call_wish", "customer_id")
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("answer", _WORDS, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("locale", _WORDS, nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("feedback", "customer_id")


def downgrade() -> None:
    op.drop_table("feedback")
    op.drop_table("call_wish")
    op.drop_table("staff_answer")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_column("answer_by")


def _index(table: str, column: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)
