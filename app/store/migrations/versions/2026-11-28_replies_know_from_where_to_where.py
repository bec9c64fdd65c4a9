"""replies know the address that they came from and the sender that they went to."""

import sqlalchemy as sa
from alembic import op

revision = "e41b7d0c95a8"
down_revision = "c93a51e7f062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sender_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_reply_address", "address", ["address_id"], ["id"])
        batch_op.create_foreign_key("fk_reply_sender", "sender", ["sender_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_constraint("fk_reply_sender", type_="foreignkey")
        batch_op.drop_constraint("fk_reply_address", type_="foreignkey")
        batch_op.drop_column("sender_id")
        batch_op.drop_column("address_id")
