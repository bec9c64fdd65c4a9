"""what a sender may send: the probe of its breaker, its day and its warm-up."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "b7d04c9e1a52"
down_revision = "a91c5d2e7f30"
branch_labels = None
depends_on = None

_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("probe_until", _INSTANT, nullable=True))
        batch_op.add_column(sa.Column("per_day", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ramp_first", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ramp_started_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("sent_by_hour", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("full_until", _INSTANT, nullable=True))
    op.execute("UPDATE sender SET sent_by_hour = '{}'")
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.alter_column("sent_by_hour", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        for name in (
            "full_until",
            "sent_by_hour",
            "ramp_started_on",
            "ramp_first",
            "per_day",
            "probe_until",
        ):
            batch_op.drop_column(name)
