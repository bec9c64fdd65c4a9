"""holds are renewed."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "7b1f0c52d9ae"
down_revision = "23a5243031db"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("renewed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
    op.execute("UPDATE hold SET renewed_at = placed_at")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.alter_column(
            "renewed_at", existing_type=sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False
        )


def downgrade() -> None:
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_column("renewed_at")
