"""subscriptions and the rescue of plans."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "23a5243031db"
down_revision = "a1d7c30f5b42"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("card_state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("next_charge_on", sa.Date(), nullable=True),
        sa.Column("declined_on", sa.Date(), nullable=True),
        sa.Column("open_invoice_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creditor_id"],
            ["creditor.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["open_invoice_id"],
            ["invoice.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("customer_id", "external_id"),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(
            "ix_subscription_open",
            ["customer_id"],
            unique=False,
            sqlite_where=sa.text("open_invoice_id IS NOT NULL"),
            postgresql_where=sa.text("open_invoice_id IS NOT NULL"),
        )

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copied_to", sa.JSON(), nullable=True))
    op.execute("UPDATE attempt SET copied_to = '[]'")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.alter_column("copied_to", existing_type=sa.JSON(), nullable=False)

    with op.batch_alter_table("dunning_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("anchor", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.execute("UPDATE dunning_case SET anchor = 'due_date'")
    with op.batch_alter_table("dunning_case", schema=None) as batch_op:
        batch_op.alter_column(
            "anchor", existing_type=sqlmodel.sql.sqltypes.AutoString(), nullable=False
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pay_day", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("details_confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )

    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("breaks_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.create_index(
            "ix_instalment_rescue",
            ["breaks_at"],
            unique=False,
            sqlite_where=sa.text("state = 'missed'"),
            postgresql_where=sa.text("state = 'missed'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_instalment_rescue",
            sqlite_where=sa.text("state = 'missed'"),
            postgresql_where=sa.text("state = 'missed'"),
        )
        batch_op.drop_column("breaks_at")

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("details_confirmed_at")
        batch_op.drop_column("pay_day")

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_column("copied_to")

    with op.batch_alter_table("dunning_case", schema=None) as batch_op:
        batch_op.drop_column("anchor")

    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_subscription_open",
            sqlite_where=sa.text("open_invoice_id IS NOT NULL"),
            postgresql_where=sa.text("open_invoice_id IS NOT NULL"),
        )

    op.drop_table("subscription")
