"""teams ask each other, and mend what stayed out."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "e5a90c7b34d2"
down_revision = "b81f6d0c3e72"
branch_labels = None
depends_on = None


def _live(name: str, table: str, columns: list[str], where: str) -> None:
    live = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=live, postgresql_where=live)


def upgrade() -> None:
    op.create_table(
        "task_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("from_team", AutoString(), nullable=False),
        sa.Column("to_team", AutoString(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by", AutoString(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answer_by", UTCDateTime(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", AutoString(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_task_question_customer_id", "task_question", ["customer_id"])
    op.create_index("ix_task_question_task_id", "task_question", ["task_id"])
    _live("ix_task_question_open", "task_question", ["answer_by"], "state = 'open'")
    op.create_table(
        "rejected_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_run_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("file_name", AutoString(), nullable=False),
        sa.Column("sheet", AutoString(), nullable=True),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("encoding", AutoString(), nullable=False),
        sa.Column("delimiter", AutoString(), nullable=False),
        sa.Column("quote", AutoString(), nullable=False),
        sa.Column("mapping_name", AutoString(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_run_id"], ["import_run.id"]),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rejected_feed_import_run_id", "rejected_feed", ["import_run_id"])
    op.create_index("ix_rejected_feed_creditor_id", "rejected_feed", ["creditor_id"])
    op.create_table(
        "rejected_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=True),
        sa.Column("changed_by", AutoString(), nullable=True),
        sa.Column("emptied_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["rejected_feed.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rejected_row_feed_id", "rejected_row", ["feed_id"])
    _live("ix_rejected_row_open", "rejected_row", ["feed_id", "line"], "state = 'open'")
    _live("ix_rejected_row_kept", "rejected_row", ["kept_at"], "emptied_at IS NULL")
    for column in (
        sa.Column("offered_parts", sa.Integer(), nullable=True),
        sa.Column("offered_rhythm", AutoString(), nullable=True),
        sa.Column("offered_first_on", sa.Date(), nullable=True),
        sa.Column("offered_until", sa.Date(), nullable=True),
    ):
        op.add_column("plan_wish", column)
    _live("ix_plan_wish_countered", "plan_wish", ["customer_id"], "state = 'countered'")
    op.add_column("dispute", sa.Column("credited_minor", sa.BigInteger(), nullable=True))
    op.add_column("complaint", sa.Column("answered_by", AutoString(), nullable=True))
    _live("ix_bank_entry_open_day", "bank_entry", ["booked_on"], "settled_at IS NULL")
    _live("ix_promise_open_day", "promise", ["due_on"], "state = 'open'")
    _live("ix_task_open_due", "task", ["due_at"], "state = 'open'")
    _live("ix_task_open_kind", "task", ["kind", "due_at"], "state = 'open'")
    _live("ix_task_open_owner", "task", ["owner", "due_at"], "state = 'open'")


def downgrade() -> None:
    for name in ("ix_task_open_owner", "ix_task_open_kind", "ix_task_open_due"):
        op.drop_index(name, table_name="task")
    op.drop_index("ix_promise_open_day", table_name="promise")
    op.drop_index("ix_bank_entry_open_day", table_name="bank_entry")
    op.drop_column("complaint", "answered_by")
    op.drop_column("dispute", "credited_minor")
    op.drop_index("ix_plan_wish_countered", table_name="plan_wish")
    for name in ("offered_until", "offered_first_on", "offered_rhythm", "offered_parts"):
        op.drop_column("plan_wish", name)
    op.drop_table("rejected_row")
    op.drop_table("rejected_feed")
    op.drop_table("task_question")
