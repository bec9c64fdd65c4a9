"""errands go on without whoever asked."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "b7e1c90d4a36"
down_revision = "a4c7e1905b3d"
branch_labels = None
depends_on = None

_LIVE = sa.text("ended_at IS NULL")
_FILES = sa.text("ended_at IS NOT NULL AND files_gone_at IS NULL")


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "errand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("lane", words(), nullable=False),
        sa.Column("asked_by", words(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("creditor_id", sa.Integer(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("file", words(), nullable=True),
        sa.Column("state", words(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=True),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("result_file", words(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("heartbeat_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_asked_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_asked_by", words(), nullable=True),
        sa.Column("files_gone_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("errand", schema=None) as batch_op:
        batch_op.create_index(
            "ix_errand_live", ["lane", "id"], sqlite_where=_LIVE, postgresql_where=_LIVE
        )
        batch_op.create_index(
            "ix_errand_files", ["ended_at"], sqlite_where=_FILES, postgresql_where=_FILES
        )
        batch_op.create_index("ix_errand_kind", ["kind", "id"])
        batch_op.create_index("ix_errand_file", ["file"])
        batch_op.create_index("ix_errand_result_file", ["result_file"])


def downgrade() -> None:
    op.drop_table("errand")
