"""what a message cost when it was sent, and the help that was given by its day."""

from datetime import date

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "d3f0a61b7c28"
down_revision = "b7e1c90d4a36"
branch_labels = None
depends_on = None

_EVER = date(1970, 1, 1)
_HELP = sa.text("kind = 'help_given'")


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    prices = op.create_table(
        "sender_price",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("price", words(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sender_id", "since_on"),
    )
    sender = sa.table("sender", sa.column("id", sa.Integer()), sa.column("price", words()))
    known = sa.select(sender.c.id, sender.c.price, sa.literal(_EVER, sa.Date())).where(
        sender.c.price.is_not(None)
    )
    op.execute(prices.insert().from_select(["sender_id", "price", "since_on"], known))
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_help", ["at"], sqlite_where=_HELP, postgresql_where=_HELP)


def downgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_help", sqlite_where=_HELP, postgresql_where=_HELP)
    op.drop_table("sender_price")
