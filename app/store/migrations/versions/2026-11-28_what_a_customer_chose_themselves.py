"""what a customer chose themselves, which no feed overwrites."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "d8a3f06b57c1"
down_revision = "c4e17b90a2d6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chosen", sa.JSON(), nullable=True))
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("locale_chosen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("locale_chosen_at")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("chosen")
