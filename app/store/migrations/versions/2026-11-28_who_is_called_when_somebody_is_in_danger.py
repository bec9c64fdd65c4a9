"""who is called when somebody is in danger, and each time that they were."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "c4e17b90a2d6"
down_revision = "c41f7e0d92ab"
branch_labels = None
depends_on = None

_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()
_WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "on_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=True),
        sa.Column("name", _WORDS, nullable=False),
        sa.Column("medium", _WORDS, nullable=False),
        sa.Column("address", _WORDS, nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("added_by", _WORDS, nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.Column("removed_by", _WORDS, nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _index_live("on_call", "ix_on_call_list", "creditor_id", "removed_at IS NULL")
    op.create_table(
        "on_call_waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("waived_at", _INSTANT, nullable=False),
        sa.Column("waived_by", _WORDS, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.Column("withdrawn_by", _WORDS, nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("on_call_waiver", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_on_call_waiver_creditor_id"), ["creditor_id"], unique=False
        )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=True),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("taken_by", _WORDS, nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"]),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("task_id"),
    )
    _index_live("alarm", "ix_alarm_due", "due_at", "taken_at IS NULL")
    op.create_table(
        "alarm_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alarm_id", sa.Integer(), nullable=False),
        sa.Column("on_call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("called_at", _INSTANT, nullable=False),
        sa.Column("outcome", _WORDS, nullable=False),
        sa.Column("code", _WORDS, nullable=True),
        sa.Column("provider_id", _WORDS, nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"]),
        sa.ForeignKeyConstraint(["on_call_id"], ["on_call.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alarm_id", "number"),
    )


def downgrade() -> None:
    op.drop_table("alarm_call")
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.drop_index("ix_alarm_due")
    op.drop_table("alarm")
    with op.batch_alter_table("on_call_waiver", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_on_call_waiver_creditor_id"))
    op.drop_table("on_call_waiver")
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.drop_index("ix_on_call_list")
    op.drop_table("on_call")


def _index_live(table: str, name: str, column: str, where: str) -> None:
    live = sa.text(where)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(
            name, [column], unique=False, sqlite_where=live, postgresql_where=live
        )
