"""How processes of the drill die: one by one, all at once, in the middle of a write; and how
connections to the database do.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from enum import StrEnum
from typing import Final

from sqlalchemy import text

from app.store.engines import Database
from campaigns.keys import draw

WRITES_WITHIN: Final = 2.0  # seconds; then it is killed without
_CUT: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Death(StrEnum):
    """`IN_A_WRITE` is for SQLite, `CONNECTIONS` for PostgreSQL, where a write outlives nobody."""

    WORKER = "worker"
    WEB = "web"
    ALL = "all"
    IN_A_WRITE = "in_a_write"
    CONNECTIONS = "connections"


_SHARES: Final = {Death.WEB: 0.12, Death.ALL: 0.08, Death.CONNECTIONS: 0.15}


def death(seed: int, nth: int, dialect: str) -> Death:
    """Who dies the nth time, where there is a web."""
    left = draw(seed, "death", nth)
    for kind, share in _SHARES.items():
        if left < share:
            is_cut = kind is Death.CONNECTIONS and dialect == "sqlite"
            return Death.IN_A_WRITE if is_cut else kind
        left -= share
    return Death.WORKER


def cut_connections(database: Database) -> None:
    """Ends every connection to the database but the one that asks for it."""
    with database.write() as session:
        session.connection().execute(_CUT)


def await_write(database: Database) -> None:
    """Until somebody is writing to this SQLite file."""
    until = time.monotonic() + WRITES_WITHIN
    path = str(database.url.database)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as probe:
        while time.monotonic() < until:
            try:
                probe.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return
            probe.execute("ROLLBACK")
            time.sleep(0.001)
