"""what is held against a sender: complaints, and templates that are forbidden to it."""

import sqlalchemy as sa
from alembic import op

revision = "c93a51e7f062"
down_revision = "f2b6d81c0a95"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sent", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("complaints", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("complaint_share", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("stopped_templates", sa.JSON(), nullable=True))
    op.execute("UPDATE sender SET sent = 0, complaints = '[]', stopped_templates = '[]'")
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.alter_column("sent", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("complaints", existing_type=sa.JSON(), nullable=False)
        batch_op.alter_column("stopped_templates", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        for column in ("stopped_templates", "complaint_share", "complaints", "sent"):
            batch_op.drop_column(column)
