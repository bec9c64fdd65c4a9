"""calls that hold special data, which go before others."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "e7b52c1f8a04"
down_revision = "d8a3f06b57c1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    special = sa.text("special IS NOT NULL")
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.add_column(sa.Column("special", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_index(
            "ix_inbound_special",
            ["received_at"],
            unique=False,
            sqlite_where=special,
            postgresql_where=special,
        )


def downgrade() -> None:
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.drop_index("ix_inbound_special")
        batch_op.drop_column("special")
