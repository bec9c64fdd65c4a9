"""instalments that are due have an index."""

import sqlalchemy as sa
from alembic import op

revision = "a1d7c30f5b42"
down_revision = "d8a8c4be9ff8"
branch_labels = None
depends_on = None

_DUE = sa.text("state = 'due'")


def upgrade() -> None:
    op.create_index(
        "ix_instalment_due",
        "instalment",
        ["grace_until"],
        unique=False,
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )


def downgrade() -> None:
    op.drop_index("ix_instalment_due", table_name="instalment")
