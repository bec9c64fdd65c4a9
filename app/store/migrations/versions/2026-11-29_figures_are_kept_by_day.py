"""figures are kept by day, and what they count is found by its instant."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "a41c7e90d2b6"
down_revision = "e5a90c7b34d2"
branch_labels = None
depends_on = None

_INSTANTS = (
    ("call_wish", "asked_at"),
    ("complaint", "received_at"),
    ("dispute", "opened_at"),
    ("hardship", "reported_at"),
    ("hold", "placed_at"),
    ("payment", "received_at"),
    ("plan", "agreed_at"),
    ("plan", "ended_at"),
    ("plan_wish", "decided_at"),
    ("plan_wish", "wished_at"),
    ("promise", "ended_at"),
    ("promise", "made_at"),
    ("refusal", "at"),
    ("reply", "received_at"),
    ("reversal", "received_at"),
    ("staff_answer", "written_at"),
    ("suppression", "at"),
)
_LIVE = (
    ("ix_message_said", "message", ["accepted_at", "id"], "accepted_at IS NOT NULL"),
    ("ix_message_visited", "message", ["clicked_at"], "clicked_at IS NOT NULL"),
    (
        "ix_message_unsaid",
        "message",
        ["updated_at", "id"],
        "state IN ('refused', 'stopped', 'expired')",
    ),
    ("ix_figure_day_due", "figure_day", ["due_at"], "due_at IS NOT NULL"),
)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=False)


def _number(name: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "daily_figure",
        _number("id"),
        _number("creditor_id"),
        sa.Column("day", sa.Date(), nullable=False),
        *map(_word, ("figure", "currency", "medium", "language")),
        _number("hour"),
        _word("about"),
        _number("number", sa.BigInteger),
        _number("amount_minor", sa.BigInteger),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "creditor_id", "day", "figure", "currency", "medium", "language", "hour", "about",
            name="uq_daily_figure_one",
        ),
    )  # fmt: skip
    op.create_index("ix_daily_figure_day", "daily_figure", ["day", "figure"])
    op.create_table(
        "figure_day",
        _number("id"),
        _number("creditor_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("creditor_id", "day"),
    )
    op.create_table(
        "standing_figure",
        _number("id"),
        _word("family"),
        _number("creditor_id"),
        *map(_word, ("figure", "currency", "medium", "about", "cohort")),
        _number("age"),
        _number("number", sa.BigInteger),
        _number("amount_minor", sa.BigInteger),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "family", "creditor_id", "figure", "currency", "medium", "about", "cohort", "age",
            name="uq_standing_figure_one",
        ),
    )  # fmt: skip
    op.create_table(
        "figure_mark",
        _number("id"),
        _word("family"),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("family"),
    )
    op.add_column("sender", sa.Column("price", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    for table, column in _INSTANTS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for name, table, columns, where in _LIVE:
        live = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=live, postgresql_where=live)


def downgrade() -> None:
    for name, table, _, _ in reversed(_LIVE):
        op.drop_index(name, table)
    for table, column in reversed(_INSTANTS):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.drop_column("sender", "price")
    for table in ("figure_mark", "standing_figure", "figure_day", "daily_figure"):
        op.drop_table(table)
