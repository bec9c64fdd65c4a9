"""what reports count is listed from an index."""

from alembic import op

revision = "e7b30f5d18c4"
down_revision = "d4a17ce02b95"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_invoice_due", "invoice", ["due_on", "id"])
    op.create_index("ix_case_opened", "dunning_case", ["opened_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_case_opened", "dunning_case")
    op.drop_index("ix_invoice_due", "invoice")
