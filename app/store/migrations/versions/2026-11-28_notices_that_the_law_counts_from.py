"""notices that the law counts from, what holds freeze, what a creditor can do."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "c4e27a90d1b6"
down_revision = "c41e7d90ab26"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_customer_id"), ["customer_id"], unique=False)
    _add("hold", "freezes")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    _add("creditor", "capabilities")


def _add(table: str, column: str) -> None:
    """A list that is empty in every row there is."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(sa.Column(column, sa.JSON(), nullable=True))
    op.execute(f"UPDATE {table} SET {column} = '[]'")
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(column, existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("creditor", schema=None) as batch_op:
        batch_op.drop_column("capabilities")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_column("rule")
        batch_op.drop_column("freezes")
    op.drop_table("notice")
