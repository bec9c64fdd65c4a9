"""the head of a mail, where its replies go, and where its sender's keys stand."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "c3f81d5a9e20"
down_revision = "d2f6a83b0c14"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replies_to", AutoString(), nullable=True))
        batch_op.add_column(sa.Column("dkim_selectors", sa.JSON(), nullable=True))
    op.add_column("attempt", sa.Column("head", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.alter_column("head", existing_type=sa.JSON(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_column("head")
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.drop_column("dkim_selectors")
        batch_op.drop_column("replies_to")
