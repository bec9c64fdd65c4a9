"""links have a short code and a light check."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "9d41c7e0b2f5"
down_revision = "f1a6c3d20b74"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link", sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("link", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_link_code",
        "link",
        ["code_hash"],
        unique=False,
        sqlite_where=sa.text("code_hash IS NOT NULL"),
        postgresql_where=sa.text("code_hash IS NOT NULL"),
    )
    op.add_column("creditor", sa.Column("page_check", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("creditor", "page_check")
    op.drop_index("ix_link_code", table_name="link")
    op.drop_column("link", "tries")
    op.drop_column("link", "code_hash")
