"""texts that a provider approves."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "7a41c9e02d58"
down_revision = "c47d19e0b2a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approved_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("template", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("template_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("checked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("content_id"),
    )
    with op.batch_alter_table("approved_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approved_text_template"), ["template"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("approved_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approved_text_template"))
    op.drop_table("approved_text")
