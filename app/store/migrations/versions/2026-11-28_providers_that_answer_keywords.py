"""providers that answer keywords."""

import sqlalchemy as sa
from alembic import op

revision = "e3b85f1a6c07"
down_revision = "c4e27a90d1b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("answers_keywords", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.alter_column("answers_keywords", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.drop_column("answers_keywords")
