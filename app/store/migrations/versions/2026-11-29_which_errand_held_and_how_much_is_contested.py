"""which errand held, so that it alone can be taken back, and how much of an invoice is contested."""

import sqlalchemy as sa
from alembic import op

revision = "c4a7d2e95b18"
down_revision = "c3a95e1f7d20"
branch_labels = None
depends_on = None

_LIVE = sa.text("errand_id IS NOT NULL AND released_at IS NULL")


def upgrade() -> None:
    op.add_column("hold", sa.Column("errand_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_hold_errand",
        "hold",
        ["errand_id", "id"],
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.add_column("dispute", sa.Column("contested_minor", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.drop_column("contested_minor")
    op.drop_index("ix_hold_errand", table_name="hold")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_column("errand_id")
