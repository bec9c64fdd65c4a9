"""where transfers go: the accounts of a creditor."""

import sqlalchemy as sa
from alembic import op

revision = "c41f7e0d92ab"
down_revision = "a7d20c9e5b31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("creditor") as creditor:
        creditor.add_column(sa.Column("accounts", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("creditor") as creditor:
        creditor.drop_column("accounts")
