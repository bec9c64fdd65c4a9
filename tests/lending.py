"""The PostgreSQL database that test after test is handed, with the newest schema and no rows.

Copying and dropping one takes three times as long as emptying the tables that a test filled. What
else a test can leave behind is looked for, and then the database is made anew: a changed schema,
statistics, rows where a migration put some, tables that cannot be emptied, or not in a moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from tests.postgres import Postgres

__all__ = ["Lender"]

NAME: Final = "migrated"
_CATALOGUES: Final = (
    "pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_db_role_setting", "pg_index",
    "pg_namespace", "pg_proc", "pg_rewrite", "pg_statistic", "pg_trigger", "pg_type",
)  # fmt: skip
# A foreign key would have each row look for those that name it, and no trigger is to speak up.
_BY_FORCE: Final = "-c session_replication_role=replica -c lock_timeout=5s"
_END_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# By its size: a table whose rows were all rolled back is not as it was, either.
_FILLED: Final = (
    "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
)
_LARGE: Final = 16 * 2**20
"""Bytes of rows from which on a new copy is there before so many are deleted."""
_ITSELF: Final = sql.SQL(
    "SELECT count(*), max(xmin::text::bigint) FROM pg_database WHERE datname = current_database()"
)
_BEGIN_ANEW: Final = (
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


@dataclass(frozen=True)
class _Lent:
    """The database while it stands: the connection that empties it, and what it was made with."""

    connection: psycopg.Connection
    given: frozenset[str]
    """Tables that migrations left rows in."""
    schema: list[Any]


class Lender:
    """Hands out one database of a server, again and again."""

    def __init__(self, server: Postgres, template: str) -> None:
        self._server, self._template = server, template
        self._lent: _Lent | None = None

    def lend(self) -> Iterator[str]:
        """Its address. Afterwards, whoever is still connected to it is cut off."""
        if self._lent is None:
            self._lent = self._made()
        try:
            yield self._server.url(NAME)
        finally:
            self._take_back(self._lent)

    def drop(self) -> None:
        """Removes the database, if there is one."""
        if self._lent is not None:
            self._lent.connection.close()
            self._server.drop(NAME)
            self._lent = None

    def _made(self) -> _Lent:
        self._server.create(NAME, template=self._template)
        connection = self._server.connect(NAME, options=_BY_FORCE)
        given = frozenset(_filled(connection))
        return _Lent(connection, given, _schema(connection, given))

    def _take_back(self, lent: _Lent) -> None:
        with suppress(psycopg.Error):  # what cannot be emptied is dropped, whatever the reason is
            if self._is_as_before(lent):
                return
        self.drop()

    def _is_as_before(self, lent: _Lent) -> bool:
        """Empties it and tells whether nothing is left of the test."""
        connection = lent.connection
        connection.execute(_END_OTHERS)
        sizes = _filled(connection)
        if sum(sizes.values()) > _LARGE:
            return False
        filled = [sql.Identifier(name) for name in sorted(sizes.keys() - lent.given)]
        if filled:
            rows = [sql.SQL("DELETE FROM {}").format(name) for name in filled]
            connection.execute(sql.SQL(";").join(rows))
            connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(",").join(filled)))
        connection.execute(_BEGIN_ANEW)
        return (
            _filled(connection).keys() == lent.given
            and _schema(connection, lent.given) == lent.schema
        )


def _filled(connection: psycopg.Connection) -> dict[str, int]:
    """The tables that hold anything, and how many bytes."""
    return dict(connection.execute(_FILLED).fetchall())


def _schema(connection: psycopg.Connection, given: frozenset[str]) -> list[Any]:
    """What differs once anything was created, altered, dropped, analyzed, or written to a table
    that migrations left rows in: how many rows there are, and which transaction wrote the last."""
    each = [
        sql.SQL("SELECT count(*), max(xmin::text::bigint) FROM {}").format(sql.Identifier(table))
        for table in (*_CATALOGUES, *sorted(given))
    ]
    return connection.execute(sql.SQL(" UNION ALL ").join([*each, _ITSELF])).fetchall()
