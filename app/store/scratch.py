"""Databases that nobody needs after a crash: for rehearsals and the demo's stage. SQLite files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import event

from app.store import migrate
from app.store.engines import Database


def scratch_database(path: Path) -> Database:
    """A new database with all tables, or the one that was copied there. It does not wait for the
    disk, so it is quick."""
    url = f"sqlite:///{path}"
    if not path.exists():
        migrate.upgrade(url)
    database = Database(url)

    @event.listens_for(database.engine, "connect")
    def hasten(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return database


def copy_file(source: Path, target: Path) -> None:
    """Makes the SQLite file `target` the same as `source`. Both may be open, here and elsewhere."""
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        here.execute("PRAGMA synchronous=OFF")
        there.backup(here)
