"""the stop button."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "a91c5d2e7f30"
down_revision = "e3b85f1a6c07"
branch_labels = None
depends_on = None


def upgrade() -> None:
    in_force = sa.text("lifted_at IS NULL")
    op.create_table(
        "halt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=True),
        sa.Column("medium", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("placed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("placed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lifted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lifted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("halt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_halt_creditor_id"), ["creditor_id"], unique=False)
        batch_op.create_index(
            "ix_halt_in_force",
            ["id"],
            unique=False,
            sqlite_where=in_force,
            postgresql_where=in_force,
        )


def downgrade() -> None:
    op.drop_table("halt")
