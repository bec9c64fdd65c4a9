"""where an address is, when a customer may be written to, for what a sender is registered."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "c47b1e90d2a6"
down_revision = "c4e19a70d8b3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("contact_point", "attempt"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
            )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cleared", sa.JSON(), nullable=True))
    op.execute("UPDATE sender SET cleared = '{}'")
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.alter_column("cleared", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.drop_column("cleared")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("hours")
    for table in ("attempt", "contact_point"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("place")
