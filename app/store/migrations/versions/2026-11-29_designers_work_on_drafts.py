"""designers work on drafts."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "a3f1d08c6b72"
down_revision = "e7c05d1b93a4"
branch_labels = None
depends_on = None

_LIVE = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("base_hash", AutoString(), nullable=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", AutoString(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("edited_by", AutoString(), nullable=False),
        sa.Column("edited_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_by", AutoString(), nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", AutoString(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("approved_hash", AutoString(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_hash", AutoString(), nullable=True),
        sa.Column("closed_by", AutoString(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_draft_name", "draft", ["kind", "name", "id"], unique=False)
    op.create_index(op.f("ix_draft_published_hash"), "draft", ["published_hash"], unique=False)
    op.create_index(
        "ix_draft_live",
        "draft",
        ["kind", "name"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_table(
        "draft_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("who", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", AutoString(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_draft_event_draft_id"), "draft_event", ["draft_id"], unique=False)


def downgrade() -> None:
    op.drop_table("draft_event")
    op.drop_table("draft")
