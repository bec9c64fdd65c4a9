"""where a creditor's customers live is read from an index."""

from alembic import op

revision = "d4a17ce02b95"
down_revision = "c4a7d2e95b18"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_customer_place", "customer", ["creditor_id", "country", "kind", "region"])


def downgrade() -> None:
    op.drop_index("ix_customer_place", "customer")
