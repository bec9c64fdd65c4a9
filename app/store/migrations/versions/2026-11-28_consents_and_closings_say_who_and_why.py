"""consents and closings say who recorded them, and on what."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "c47d19e0b2a6"
down_revision = "b7d04c9e1a52"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_CLOSING = (
    "act", "said_through", "category", "evidence", "recorded_by", "lifted_by", "lift_evidence",
)  # fmt: skip
_CONSENT = ("basis", "purpose", "recorded_by")


def upgrade() -> None:
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        for name in _CLOSING:
            batch_op.add_column(sa.Column(name, _TEXT(), nullable=True))
    with op.batch_alter_table("consent", schema=None) as batch_op:
        for name in _CONSENT:
            batch_op.add_column(sa.Column(name, _TEXT(), nullable=True))
        batch_op.add_column(
            sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("consent", schema=None) as batch_op:
        for name in (*_CONSENT, "recorded_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        for name in _CLOSING:
            batch_op.drop_column(name)
