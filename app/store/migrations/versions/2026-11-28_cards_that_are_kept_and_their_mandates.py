"""cards that are kept and their mandates."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "b7d4a19c6e20"
down_revision = "e41b7d0c95a8"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", _TEXT(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT(), nullable=False),
        sa.Column("gateway", _TEXT(), nullable=False),
        sa.Column("session_id", _TEXT(), nullable=True),
        sa.Column("customer_ref", _TEXT(), nullable=True),
        sa.Column("method_ref", _TEXT(), nullable=True),
        sa.Column("brand", _TEXT(), nullable=True),
        sa.Column("last_four", _TEXT(), nullable=True),
        sa.Column("text_hash", _TEXT(), nullable=False),
        sa.Column("locale", _TEXT(), nullable=False),
        sa.Column("given_at", _INSTANT(), nullable=False),
        sa.Column("given_by", _TEXT(), nullable=False),
        sa.Column("kept_at", _INSTANT(), nullable=True),
        sa.Column("revoked_at", _INSTANT(), nullable=True),
        sa.Column("revoked_by", _TEXT(), nullable=True),
        sa.Column("recorded_by", _TEXT(), nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    live = sa.text("kept_at IS NOT NULL AND revoked_at IS NULL")
    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mandate_live",
            ["plan_id"],
            unique=True,
            sqlite_where=live,
            postgresql_where=live,
        )
        batch_op.create_index("ix_mandate_customer_id", ["customer_id"], unique=False)
    charge = sa.text("mandate_id IS NOT NULL")
    with op.batch_alter_table("checkout", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mandate_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("instalment_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("asked_at", _INSTANT(), nullable=True))
        batch_op.add_column(sa.Column("declined", _TEXT(), nullable=True))
        batch_op.add_column(sa.Column("decline_code", _TEXT(), nullable=True))
        batch_op.create_foreign_key("fk_checkout_mandate", "mandate", ["mandate_id"], ["id"])
        batch_op.create_foreign_key(
            "fk_checkout_instalment", "instalment", ["instalment_id"], ["id"]
        )
        batch_op.create_index(
            "ix_checkout_charge",
            ["instalment_id"],
            unique=False,
            sqlite_where=charge,
            postgresql_where=charge,
        )


def downgrade() -> None:
    with op.batch_alter_table("checkout", schema=None) as batch_op:
        batch_op.drop_index("ix_checkout_charge")
        batch_op.drop_constraint("fk_checkout_instalment", type_="foreignkey")
        batch_op.drop_constraint("fk_checkout_mandate", type_="foreignkey")
        for name in ("decline_code", "declined", "asked_at", "instalment_id", "mandate_id"):
            batch_op.drop_column(name)
    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.drop_index("ix_mandate_customer_id")
        batch_op.drop_index("ix_mandate_live")
    op.drop_table("mandate")
