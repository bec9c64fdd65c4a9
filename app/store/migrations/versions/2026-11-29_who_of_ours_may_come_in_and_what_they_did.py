"""who of ours may come in, and what they did."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "b81f6d0c3e72"
down_revision = "d2b96f4c1a58"
branch_labels = None
depends_on = None

_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()
_WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "staff_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sign_in", _WORDS, nullable=False),
        sa.Column("name", _WORDS, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("language", _WORDS, nullable=False),
        sa.Column("zone", _WORDS, nullable=False),
        sa.Column("password", _WORDS, nullable=True),
        sa.Column("totp", _WORDS, nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", _WORDS, nullable=False),
        sa.Column("signed_in_at", _INSTANT, nullable=True),
        sa.Column("disabled_at", _INSTANT, nullable=True),
        sa.Column("disabled_by", _WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sign_in"),
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", _WORDS, nullable=False),
        sa.Column("device", _WORDS, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_staff_session_user_id", "staff_session", ["user_id"])
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("digest", _WORDS, nullable=False),
        sa.Column("purpose", _WORDS, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", _WORDS, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_sign_in_link_user_id", "sign_in_link", ["user_id"])
    op.create_table(
        "sign_in_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", _INSTANT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_sign_in_try_at", "sign_in_try", ["at"])
    op.create_table(
        "act_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("by", _WORDS, nullable=False),
        sa.Column("act", _WORDS, nullable=False),
        sa.Column("about_kind", _WORDS, nullable=True),
        sa.Column("about_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("digest", _WORDS, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_act_line_at", "act_line", ["at"])
    op.create_index("ix_act_line_user", "act_line", ["user_id", "number"])
    op.create_index("ix_act_line_by", "act_line", ["by", "number"])
    op.create_index("ix_act_line_act", "act_line", ["act", "number"])
    op.create_index("ix_act_line_about", "act_line", ["about_kind", "about_id", "number"])
    op.create_index("ix_act_line_kind", "act_line", ["about_kind", "number"])
    op.create_table(
        "act_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("house", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", _WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("house"),
    )


def downgrade() -> None:
    for table in (
        "act_head", "act_line", "sign_in_try", "sign_in_link", "staff_session", "staff_user",
    ):  # fmt: skip
        op.drop_table(table)
