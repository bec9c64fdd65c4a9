"""replays go on after a restart."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "e2c8a6b41d90"
down_revision = "d07b93e1c5f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("endpoint") as endpoint:
        endpoint.add_column(sa.Column("replay_since", UTCDateTime(), nullable=True))
        endpoint.add_column(sa.Column("replay_after_id", sa.BigInteger(), nullable=True))
        endpoint.add_column(sa.Column("replay_to_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("endpoint") as endpoint:
        endpoint.drop_column("replay_to_id")
        endpoint.drop_column("replay_after_id")
        endpoint.drop_column("replay_since")
