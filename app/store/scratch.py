"""Databases that nobody needs after a crash: for rehearsals and the demo's stage. SQLite files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import event
from sqlmodel import SQLModel

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


def bare_database(path: Path) -> Database:
    """A new database with all tables as the rows define them, for a part of another one: it checks
    no references, and does not wait for the disk."""
    database = Database(f"sqlite:///{path}")

    @event.listens_for(database.engine, "connect")
    def loosen(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA foreign_keys=OFF")

    SQLModel.metadata.create_all(database.engine)
    return database


def copy_file(source: Path, target: Path) -> None:
    """Makes the SQLite file `target` the same as `source`. Both may be open, here and elsewhere."""
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        here.execute("PRAGMA synchronous=OFF")
        there.backup(here)
