"""What a command says when it cannot go on: a sentence and an exit code, for every kind of fault.

A fault that nobody foresaw tells its kind and its place in the code, never its own words: they may
quote a customer.
"""

from __future__ import annotations

import sqlite3

from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.book.errors import BookError
from app.cli.databases import NotReady
from app.cli.logs import discreetly
from app.cli.output import FAILED, WRONG_USE
from app.engine.catalogue import NotPublished
from app.settings import SettingsError
from app.store.engines import DatabaseUrlError
from app.wording.errors import UnknownMedium, UnknownTemplate, WordingError

_WRONG_USE = (SettingsError, DatabaseUrlError, BookError, UnknownTemplate, UnknownMedium)


def explain(problem: Exception) -> tuple[str, int]:
    """The sentence and the exit code."""
    match problem:
        case _ if isinstance(problem, _WRONG_USE):
            return str(problem), WRONG_USE
        case NotReady() | NotPublished() | WordingError():
            return str(problem), FAILED
        case DBAPIError():
            return _of_database(problem), FAILED
        case PoolTimeout():
            return "The database is too busy. Nothing is half-written; try again.", FAILED
        case CommandError():
            return _of_migrations(problem), FAILED
        case sqlite3.Error() | TimeoutError():
            return (
                f"A ledger of the sandbox cannot be used ({problem}). Look at"
                " DULY_SANDBOX_LEDGER and DULY_GATEWAY_LEDGER.",
                FAILED,
            )
        case OSError():
            where = f"{problem.filename}: " if problem.filename else ""
            return f"{where}{problem.strerror or type(problem).__name__}.", FAILED
        case _:
            return _unforeseen(problem), FAILED


def _of_database(problem: DBAPIError) -> str:
    """Words of the driver are shown where they hold no rows: from connecting, and of SQLite's own
    state (locked, full, unreadable)."""
    why = str(problem.orig).strip().partition("\n")[0]
    if problem.statement is None:
        return f"The database cannot be reached: {why}. Look at DULY_DATABASE_URL."
    if not isinstance(problem.orig, sqlite3.OperationalError):
        why = type(problem).__name__
    return (
        f"The database did not answer as it should ({why}). Nothing is half-written;"
        " `duly doctor` says what it finds."
    )


def _of_migrations(problem: CommandError) -> str:
    """Alembic's words name versions, never rows."""
    match problem.__cause__:
        case ResolutionError(argument=version):
            return (
                f"This database has a version that this Duly does not know ({version}). Was it made"
                " by a newer one, or by another program?"
            )
        case _:
            why = str(problem).partition("\n")[0].rstrip(".")
            return (
                f"The database cannot be upgraded: {why}. It is as it was. The migrations of this"
                " Duly do not fit together: install it anew, or mend app/store/migrations."
            )


def _unforeseen(problem: Exception) -> str:
    return f"A defect of ours. Please report these lines:\n{discreetly(problem)}"
