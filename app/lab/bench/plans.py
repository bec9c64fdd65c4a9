"""How a database answers what it is asked: statements are taken down as they are executed, and it
explains each itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import event

from app.store.engines import Database

Statement = tuple[str, Any]
"""As the driver got it, with its values."""

_WHOLE: Final = {
    "sqlite": re.compile(r"^SCAN (\w+)(?! USING (?:COVERING )?INDEX)"),
    "postgresql": re.compile(r"Seq Scan on (\w+)"),
}


@contextmanager
def taken_down(database: Database) -> Iterator[list[Statement]]:
    """The statements that look for rows, and are executed inside."""
    found: list[Statement] = []

    def on_execute(_c: object, _k: object, sql: str, values: Any, _x: object, many: bool) -> None:
        if re.match(r"\s*(WITH|SELECT|UPDATE|DELETE)", sql) and not many:
            found.append((sql, values))

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", on_execute)
    yield found
    for engine in database.engines:
        event.remove(engine, "before_cursor_execute", on_execute)


def explained(database: Database, statement: Statement) -> list[str]:
    """The lines of the plan. PostgreSQL is told that reading it all is dear, as it will be."""
    sql, values = statement
    with database.read() as session:
        connection = session.connection()
        if database.dialect == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            return [str(row.detail) for row in rows]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {re.sub(' FOR .*', '', sql)}", values)
        return [str(row[0]) for row in rows]


def whole_tables(
    database: Database, statements: Sequence[Statement], growing: Collection[str]
) -> set[tuple[str, str]]:
    """The tables, of those that grow, that a statement reads from end to end, and which does."""
    return {
        (match[1], statement[0])
        for statement in statements
        for line in explained(database, statement)
        if (match := _WHOLE[database.dialect].search(line)) and match[1] in growing
    }
