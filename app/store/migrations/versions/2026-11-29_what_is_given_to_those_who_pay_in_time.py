"""what is given to those who pay in time."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "b7f3a1c94e20"
down_revision = "b41f7c93d208"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("percent", AutoString(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("within_days", sa.Integer(), nullable=True),
        sa.Column("allows", sa.JSON(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", AutoString(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index("ix_offer_creditor_id", "offer", ["creditor_id"])
    op.create_index(
        "ix_offer_live",
        "offer",
        ["creditor_id", "kind"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    with op.batch_alter_table("reversal") as reversal:
        reversal.add_column(sa.Column("offer_id", sa.Integer(), nullable=True))
        reversal.create_foreign_key("fk_reversal_offer_id_offer", "offer", ["offer_id"], ["id"])
    with op.batch_alter_table("checkout") as checkout:
        checkout.add_column(sa.Column("discount_minor", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("checkout") as checkout:
        checkout.drop_column("discount_minor")
    with op.batch_alter_table("reversal") as reversal:
        reversal.drop_constraint("fk_reversal_offer_id_offer", type_="foreignkey")
        reversal.drop_column("offer_id")
    op.drop_table("offer")
