"""What the sandbox gateway keeps: its own SQLite file, apart from Duly's database.

It plays the provider's side and is the only witness, beside Duly's ledger, of what was really paid.
So it commits before it answers, survives kill -9, and takes several processes on one file.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

_SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS session (
        session_id TEXT PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        amount_minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        description TEXT NOT NULL,
        return_url TEXT NOT NULL,
        customer_ref TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open'
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS payment (
        payment_ref TEXT PRIMARY KEY,
        session_id TEXT NOT NULL UNIQUE,
        amount_minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        reversed_minor INTEGER NOT NULL DEFAULT 0,
        at TEXT NOT NULL
    )
    """,
    "CREATE TABLE IF NOT EXISTS card (session_id TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS mandate (session_id TEXT PRIMARY KEY, key TEXT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS keeping (
        session_id TEXT PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        customer_ref TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open'
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS course (
        method_ref TEXT PRIMARY KEY,
        course TEXT NOT NULL DEFAULT 'pays'
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS callback (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        body BLOB NOT NULL,
        at TEXT NOT NULL,
        delivered INTEGER NOT NULL DEFAULT 0
    )
    """,
)
_BUSY_SECONDS: Final = 30.0


class SandboxBook:
    """A SQLite file, or ":memory:". Safe for threads, and for several processes on one file."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._use_wal()
        with self.transaction() as run:
            for statement in _SCHEMA:
                run.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One writing transaction; whoever else writes waits. Rolls back on any exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What is committed, as dicts by column."""
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values)]

    def close(self) -> None:
        """Gives the file back; twice is fine."""
        with self._lock:
            self._connection.close()

    def _use_wal(self) -> None:
        # Two processes that open a new file and both switch it get "locked" at once, past the
        # busy timeout. The mode stays with the file, so it is enough that one of them wins.
        for _ in range(100):
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                time.sleep(0.03)
        raise TimeoutError("the sandbox gateway's file stays locked: another program holds it")


def stamp(moment: datetime) -> str:
    """One fixed width, in UTC: the order of the texts is the order of the instants."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
