"""What was read of the database, kept as the driver gave it, to be asked for again and compared.

Rows that are the same need not be made into facts a second time: to ask for them and compare costs
a third of reading them anew. Whatever is read while it is noted counts; nothing need be declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlmodel import Session


@dataclass(slots=True)
class Told:
    """Questions, each as the driver got it, with the rows that it answered."""

    _answers: list[tuple[str, Any, list[Any]]] = field(default_factory=list)

    def still(self, session: Session) -> bool:
        """Whether the database answers the same to all of it, as this transaction sees it."""
        connection = session.connection()
        return all(
            _rows(connection, statement, asked) == rows for statement, asked, rows in self._answers
        )

    def note(self, cursor: Any, statement: str, asked: Any, context: Any) -> None:
        """Keeps the rows, and hands them on to whoever asked."""
        rows = cursor.fetchall()
        self._answers.append((statement, asked, rows))
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor, initial_buffer=rows
        )


@contextmanager
def noted(session: Session) -> Iterator[Told]:
    """Notes all that this session reads within the block. It must not write there."""
    told, connection = Told(), session.connection()

    def hear(
        _connection: object, cursor: Any, statement: str, asked: Any, context: Any, _many: bool
    ) -> None:
        told.note(cursor, statement, asked, context)

    event.listen(connection, "after_cursor_execute", hear)
    try:
        yield told
    finally:
        event.remove(connection, "after_cursor_execute", hear)


def _rows(connection: Connection, statement: str, asked: Any) -> list[Any]:
    """Past what SQLAlchemy makes of rows, which is most of the cost."""
    cursor: Any = connection.exec_driver_sql(statement, asked).cursor
    rows: list[Any] = cursor.fetchall()
    cursor.close()
    return rows
