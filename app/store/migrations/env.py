"""Alembic's entry: one engine with our own pragmas, the rows as the target."""

from alembic import context
from sqlmodel import SQLModel

from app.store import rows  # noqa: F401  # registers every table
from app.store.engines import Database

database = Database(context.config.attributes["url"])
with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=database.dialect == "sqlite",
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
database.dispose()
