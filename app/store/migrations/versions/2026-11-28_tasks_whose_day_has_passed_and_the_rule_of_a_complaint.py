"""tasks whose day has passed, and the rule of a complaint's day."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "f1c94d07b6e2"
down_revision = "e7b52c1f8a04"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sqlmodel.sql.sqltypes.UTCDateTime()
    op.add_column("task", sa.Column("escalated_at", instant, nullable=True))
    words = sqlmodel.sql.sqltypes.AutoString()
    op.add_column("complaint", sa.Column("rule", words, nullable=True))


def downgrade() -> None:
    op.drop_column("complaint", "rule")
    op.drop_column("task", "escalated_at")
