"""Takes the statements of a file into the book, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from app.book.customers import Owner
from app.book.days import end_of
from app.book.owners import find_owner, hold_off, move_as_of
from app.book.statements.reading import read_statements
from app.book.statements.report import StatementReport
from app.book.statements.statement import Statement
from app.book.statements.taking import take_statement
from app.store.engines import Database


class _DryRun(Exception):
    """Rolls everything back."""


def import_statements(
    database: Database,
    path: Path,
    creditor: str,
    *,
    now: datetime,
    mapping: Path | None = None,
    encoding: str = "utf-8",
    dry_run: bool = False,
    despite_balance: bool = False,
    kept: Callable[[Session, StatementReport], None] | None = None,
) -> StatementReport:
    """Takes in all that is new in `path` and answers what became of it. `kept` is told of that
    within the transaction.

    A dry run does the same and rolls it back. When all of it is in, the book is true up to the end
    of the last statement's day. Raises `FeedError` and `MappingError` before anything is written.
    """
    with database.read() as session:
        owner = find_owner(session, creditor)
    statements = read_statements(path, currency=owner.currency, mapping=mapping, encoding=encoding)
    report = StatementReport(path.name, creditor, dry_run)
    try:
        with database.write() as session:
            hold_off(session, owner.id)
            for statement in statements:
                take_statement(
                    session, owner, statement, report, now=now, despite_balance=despite_balance
                )
            if not report.refused and not report.rejected:
                _move(session, owner, statements, now)
            if kept is not None:
                kept(session, report)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def _move(session: Session, owner: Owner, statements: Sequence[Statement], now: datetime) -> None:
    days = [statement.closed_on for statement in statements if statement.closed_on is not None]
    if days:
        move_as_of(session, owner, min(end_of(max(days), owner.zone), now))
