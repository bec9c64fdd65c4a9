"""a plan knows what was paid before it."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "5f0c2a7be913"
down_revision = "7b1f0c52d9ae"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("last_allocation_id", sa.Integer(), nullable=False, server_default="0")
    op.add_column("plan", column)
    op.add_column(
        "plan", sa.Column("resumed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
    )
    op.execute(
        "UPDATE plan SET last_allocation_id = coalesce("
        "(SELECT max(allocation.id) FROM allocation WHERE allocation.at < plan.agreed_at), 0)"
    )
    with op.batch_alter_table("plan") as plan:
        plan.alter_column("last_allocation_id", server_default=None)


def downgrade() -> None:
    op.drop_column("plan", "resumed_at")
    op.drop_column("plan", "last_allocation_id")
