"""what a number is, by a look-up."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "e8a3f0b94d17"
down_revision = "c47b1e90d2a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("line", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(
            sa.Column("looked_up_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_column("looked_up_at")
        batch_op.drop_column("line")
