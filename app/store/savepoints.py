"""Writes of a batch of which one row may be what the database does not take.

Must not hide trouble of the database itself: a deadlock or a lost connection is raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)
from sqlmodel import Session

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)


def surviving_writes(
    session: Session,
    items: Sequence[T],
    work: Callable[[Sequence[T]], Sequence[R]],
    *instead: Callable[[T, Exception], None],
) -> list[R]:
    """`work` writes all items at once; if the database does not take one of them, the halves, down
    to the item that spoils it, for which the first of `instead` that the database takes is written.

    Every try is a savepoint, so nothing of a failed one stays. Where all of them fail, the item is
    left as it was. What is no row's fault (a deadlock, a lost connection) is raised.
    """
    if not items:
        return []
    try:
        with _savepoint(session):
            return list(work(items))
    except Exception as problem:
        if not _is_of_one_row(problem):
            raise
        if len(items) > 1:
            middle = len(items) // 2
            first = surviving_writes(session, items[:middle], work, *instead)
            return first + surviving_writes(session, items[middle:], work, *instead)
        _write_instead(session, items[0], problem, instead)
        return []


def _write_instead(
    session: Session,
    item: T,
    problem: Exception,
    instead: Sequence[Callable[[T, Exception], None]],
) -> None:
    for write in instead:
        try:
            with _savepoint(session):
                write(item, problem)
            return
        except Exception as second:
            if not _is_of_one_row(second):
                raise
            log.error("a row can neither be written nor set aside: %s", type(second).__name__)


@contextmanager
def _savepoint(session: Session) -> Iterator[None]:
    """In the words of the database: SQLAlchemy's own costs as much as saving three cases. What is
    written inside goes by the connection, and not by objects of the session."""
    connection = session.connection()
    connection.exec_driver_sql("SAVEPOINT some_rows")
    try:
        yield
    except Exception as problem:
        if _is_of_one_row(problem):  # else the transaction ends
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT some_rows")
            connection.exec_driver_sql("RELEASE SAVEPOINT some_rows")
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT some_rows")


def _is_of_one_row(problem: Exception) -> bool:
    """Whether it may be the fault of what was written, rather than of the database."""
    if isinstance(problem, IntegrityError | DataError):
        return True
    return not isinstance(problem, SQLAlchemyError) or (
        isinstance(problem, StatementError) and not isinstance(problem, DBAPIError)
    )
