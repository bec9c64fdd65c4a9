"""invoices are found by their number in the creditor's system."""

from alembic import op

revision = "b41f7c93d208"
down_revision = "c3f1a86d5e07"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_invoice_external", "invoice", ["external_id"])


def downgrade() -> None:
    op.drop_index("ix_invoice_external", "invoice")
