"""creditors have a logo."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "c81e5d7a0f36"
down_revision = "9d41c7e0b2f5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "creditor_logo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("creditor_id"),
    )


def downgrade() -> None:
    op.drop_table("creditor_logo")
