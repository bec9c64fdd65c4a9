"""The log of a SQLite file: brought into it beside those who write."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from app.store.engines import SETTLED_FROM, Database


def test_a_long_log_is_brought_into_the_file_and_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "log.sqlite3"
    database = Database(f"sqlite:///{file}")
    log = file.with_name(file.name + "-wal")
    try:
        _write(database, "CREATE TABLE word (said TEXT)")
        _write(database, f"INSERT INTO word VALUES (hex(zeroblob({SETTLED_FROM * 4096})))")
        before, in_file = log.stat().st_size, file.stat().st_size
        database.settle_log()
        _write(database, "INSERT INTO word VALUES ('more')")

        assert file.stat().st_size - in_file > SETTLED_FROM * 4096
        assert log.stat().st_size == before
        with database.read() as session:
            (_, pages, _) = session.connection().exec_driver_sql("PRAGMA wal_checkpoint").one()
        assert pages < SETTLED_FROM
    finally:
        database.dispose()


def _write(database: Database, statement: str) -> None:
    with database.write() as session:
        session.connection().execute(text(statement))
