"""packs are signed off, addresses of our own are allowed, senders are rated."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "d2f6a83b0c14"
down_revision = "7a41c9e02d58"
branch_labels = None
depends_on = None

_WORDS = sqlmodel.sql.sqltypes.AutoString()
_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    in_force = sa.text("withdrawn_at IS NULL")
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("pack", _WORDS, nullable=False),
        sa.Column("version", _WORDS, nullable=False),
        sa.Column("revision", _WORDS, nullable=False),
        sa.Column("signed_at", _INSTANT, nullable=False),
        sa.Column("signed_by", _WORDS, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.Column("withdrawn_by", _WORDS, nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_off_creditor_id"), ["creditor_id"], unique=False)
        batch_op.create_index(
            "ix_sign_off_in_force",
            ["creditor_id"],
            unique=False,
            sqlite_where=in_force,
            postgresql_where=in_force,
        )
    op.create_table(
        "allowed_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", _WORDS, nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("added_by", _WORDS, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address"),
    )
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quality", _WORDS, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sender", schema=None) as batch_op:
        batch_op.drop_column("quality")
    op.drop_table("allowed_recipient")
    op.drop_table("sign_off")
