"""payments of a creditor as they came, customers who were erased, invoices with a file."""

import sqlalchemy as sa
from alembic import op

revision = "f2b6d81c0a95"
down_revision = "e8a3f0b94d17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_received", ["creditor_id", "received_at"], unique=False)
    filed = sa.text("document IS NOT NULL")
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invoice_filed",
            ["customer_id"],
            unique=False,
            sqlite_where=filed,
            postgresql_where=filed,
        )
    erased = sa.text("erased_at IS NOT NULL")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customer_erased",
            ["id"],
            unique=False,
            sqlite_where=erased,
            postgresql_where=erased,
        )


def downgrade() -> None:
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index("ix_customer_erased")
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.drop_index("ix_invoice_filed")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_received")
