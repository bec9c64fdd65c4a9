"""who takes the payments of a creditor."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "c4e19a70d8b3"
down_revision = "c3f81d5a9e20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("creditor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gateway", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(
            sa.Column("pay_address", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("creditor", schema=None) as batch_op:
        batch_op.drop_column("pay_address")
        batch_op.drop_column("gateway")
