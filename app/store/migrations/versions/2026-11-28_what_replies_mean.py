"""what a reply means and who classed it, what is told of illness and the like, data requests."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "a3d96b0f71c4"
down_revision = "b7d4a19c6e20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("meant", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("classed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )
    op.execute("UPDATE reply SET meant = '[]'")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.alter_column("meant", existing_type=sa.JSON(), nullable=False)
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.execute("UPDATE complaint SET kind = 'complaint'")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.alter_column(
            "kind", existing_type=sqlmodel.sql.sqltypes.AutoString(), nullable=False
        )
    op.create_table(
        "special_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("noted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("special_note", schema=None) as batch_op:
        batch_op.create_index("ix_special_note_customer_id", ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_special_note_kept",
            ["noted_at"],
            unique=False,
            sqlite_where=sa.text("kind IS NOT NULL"),
            postgresql_where=sa.text("kind IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("special_note")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_column("kind")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_column("classed_by")
        batch_op.drop_column("meant")
