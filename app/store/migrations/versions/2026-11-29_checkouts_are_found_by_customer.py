"""checkouts are found by customer."""

from alembic import op

revision = "d2b96f4c1a58"
down_revision = "c81e5d7a0f36"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_checkout_customer_id"), "checkout", ["customer_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_checkout_customer_id"), table_name="checkout")
