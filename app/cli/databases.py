"""Opens the database that the settings name, and refuses one that a command cannot work on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import inspect, text
from sqlalchemy.exc import ArgumentError

from app.cli.output import WRONG_USE, fail
from app.store.engines import Database, DatabaseUrlError
from app.store.migrate import is_current, upgrade
from app.store.places import REMEDY, missing_file


class NotReady(Exception):
    """There is no database yet, or its tables are not of this version."""


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at `url`, which may be empty. Nothing is touched before it is used.

    Raises `DatabaseUrlError`.
    """
    database = _database(url)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def ready(url: str) -> Iterator[Database]:
    """The database at `url`, at the newest version. Raises `NotReady`, and creates no file."""
    with opened(url) as database:
        missing = missing_file(database)
        if missing is not None:
            raise NotReady(f"There is no database at {missing}. {REMEDY}")
        if not is_current(database):
            raise NotReady(f"The database is not at the newest version. {REMEDY}")
        yield database


@contextmanager
def empty(url: str) -> Iterator[Database]:
    """The database there, with tables and nothing in them. One that holds anything is not touched.

    Raises `typer.Exit`.
    """
    with opened(url) as database:
        if not holds_nothing(database):
            raise fail("This takes an empty database; that one holds something.", code=WRONG_USE)
        upgrade(url)
        yield database


def _database(url: str) -> Database:
    """The address is never repeated in an error: it may hold a password."""
    try:
        database = Database(url)
    except (ArgumentError, ImportError):
        raise DatabaseUrlError(
            "DULY_DATABASE_URL is not an address that Duly can use; write sqlite:///path or"
            " postgresql+psycopg://user@host/name"
        ) from None
    if database.dialect == "sqlite" and database.url.database in (None, "", ":memory:"):
        raise DatabaseUrlError(
            "a SQLite in memory is another one for every connection; name a file: sqlite:///path"
        )
    return database


def holds_nothing(database: Database) -> bool:
    """Whether the database has no tables, or ours without a single creditor. Only looks."""
    if missing_file(database) is not None:
        return True
    with database.read() as session:
        connection = session.connection()
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        if "creditor" not in tables:
            return not tables
        return not connection.scalar(text("SELECT count(*) FROM creditor"))
