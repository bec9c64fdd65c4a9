"""plans that are asked for."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "c3f1a86d5e07"
down_revision = "a7d40c9e25b1"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "plan_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("part_minor", sa.BigInteger(), nullable=True),
        sa.Column("rhythm", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("wished_at", UTCDateTime(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("plan_wish", schema=None) as batch_op:
        batch_op.create_index("ix_plan_wish_customer_id", ["customer_id"])
        batch_op.create_index("ix_plan_wish_reply_id", ["reply_id"])
        batch_op.create_index("ix_plan_wish_plan_id", ["plan_id"])
        batch_op.create_index(
            "ix_plan_wish_open", ["customer_id"], sqlite_where=_OPEN, postgresql_where=_OPEN
        )


def downgrade() -> None:
    op.drop_table("plan_wish")
