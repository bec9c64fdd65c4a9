"""Rows that stayed out are kept, mended by people, and taken by the same mapping; or forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from app.book.importing import Options, import_files
from app.book.kept_rejects import KEPT_FOR, feed_of, forget_rows, open_rows
from app.book.mapping.source import read_mapping
from app.book.mending import (
    Mended,
    Mending,
    NotMended,
    cell_reasons,
    drop,
    mend,
    reasons_of,
    version,
)
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Invoice, RejectedFeed, RejectedRow, Task
from campaigns.worded import Worded
from tests.app.book.feeds import HEADER, MAPPING, write
from tests.app.book.make import NOW
from tests.databases import on_both_stores

GOOD, BAD = "C1,Dana,I1,100.00,2026-09-01", "C2,=Avi,I2,a lot,soon"
LATER = NOW + timedelta(hours=1)


def bring(database: Database, folder: Path, *rows: str, mapping: str = MAPPING) -> None:
    feed = write(folder, *rows)
    import_files(database, [feed], read_mapping(mapping, "north.yaml"), Options(NOW))


def waiting(database: Database) -> Sequence[Row[Any]]:
    with database.read() as session:
        return open_rows(session, 1)


def tasks(database: Database) -> list[tuple[str, str]]:
    task = table_of(Task).c
    with database.read() as session:
        found = session.connection().execute(select(task.team, task.state).where(
            task.kind == "import_rejects"))  # fmt: skip
        return [(row.team, row.state) for row in found]


def mended(database: Database, *cells: str, by: str = "dan", seen: str | None = None) -> Mended:
    (row,) = waiting(database)
    return mend(database, Mending(row.id, cells, seen or version(row), by, LATER))


@on_both_stores
def test_a_row_is_mended_and_taken_like_its_feed(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, GOOD, BAD)
    (row,) = waiting(database)
    assert (row.line, row.cells) == (3, BAD.split(","))
    assert set(cell_reasons(HEADER.split(","), row.reasons)) == {3, 4}
    assert tasks(database) == [("operations", "open")]

    half = mended(database, "C2", "=Avi", "I2", "20.50", "soon")
    assert not half.taken
    assert set(cell_reasons(HEADER.split(","), half.reasons)) == {4}
    assert waiting(database)[0].cells[3] == "20.50"  # what was typed is not lost

    assert mended(database, "C2", "=Avi", "I2", "20.50", "2026-09-02") == Mended(True)
    assert waiting(database) == []
    assert tasks(database) == [("operations", "done")]
    with database.read() as session:
        invoice = table_of(Invoice).c
        found = session.connection().execute(select(invoice.number, invoice.open_minor))
        assert set(map(tuple, found)) == {("I1", 10_000), ("I2", 2_050)}


def test_a_row_of_a_feed_that_begins_with_other_lines_is_taken(
    database: Database, tmp_path: Path
) -> None:
    mapping = f"{MAPPING}file: {{ skip: 2 }}\n"
    feed = tmp_path / "feed.csv"
    feed.write_text(f"An export\nof our books\n{HEADER}\n{BAD}\n")
    import_files(database, [feed], read_mapping(mapping, "north.yaml"), Options(NOW))

    assert mended(database, "C2", "Avi", "I2", "20.50", "2026-09-02").taken


@on_both_stores
def test_what_keeps_the_whole_file_out_is_kept_as_it_was_worded(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, GOOD, BAD)
    with database.write() as session:
        feed = table_of(RejectedFeed)
        session.connection().execute(update(feed).values(mapping="schema: another\n"))

    assert not mended(database, "C2", "Avi", "I2", "20.50", "2026-09-02").taken

    (fault,) = reasons_of(waiting(database)[0])
    assert isinstance(fault, Worded)
    assert "`schema`" in fault
    assert fault.template != fault
    assert not mended(database, "C2", "Avi", "I2", "20.50", "2026-09-03").taken


@on_both_stores
def test_of_two_who_mend_a_row_at_once_one_is_told(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, GOOD, BAD)
    (row,) = waiting(database)
    both, seen = Barrier(2), version(row)

    def mend_it(by: str) -> bool:
        both.wait()
        cells = ("C2", by, "I2", "20.50", "2026-09-02")
        try:
            return mend(database, Mending(row.id, cells, seen, by, LATER)).taken
        except NotMended:
            return False

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(mend_it, ("dan", "noa"))) == [False, True]


def test_a_dropped_row_is_gone_and_nobody_mends_it(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, GOOD, BAD)
    (row,) = waiting(database)
    with database.write() as session:
        drop(session, row.id, seen=version(row), by="dan", now=LATER)

    assert tasks(database) == [("operations", "done")]
    with pytest.raises(NotMended, match="already"):
        mend(database, Mending(row.id, row.cells, version(row), "noa", LATER))


def test_a_row_that_waits_already_is_not_asked_for_twice(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, GOOD, BAD)
    bring(database, tmp_path, GOOD, BAD)
    with database.read() as session:
        assert feed_of(session, 2) is None

    bring(database, tmp_path, GOOD, BAD, "C3,Gil,I3,much,2026-09-01")
    with database.read() as session:
        assert [row.line for row in open_rows(session, 2)] == [4]
    assert len(tasks(database)) == 2


@on_both_stores
def test_a_file_of_rejects_takes_the_place_of_the_rows_that_wait(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, GOOD, BAD, "C3,Gil,I3,much,2026-09-01")
    rejects = tmp_path / "feed.csv.rejects.csv"
    rejects.write_text(rejects.read_text("utf-8-sig").replace("much", "30"))

    import_files(database, [rejects], read_mapping(MAPPING, "north.yaml"), Options(LATER))

    with database.read() as session:
        assert open_rows(session, 1) == []
        (row,) = open_rows(session, 2)
    assert row.cells == BAD.split(",")
    assert tasks(database) == [("operations", "done"), ("operations", "open")]


def test_a_dry_run_keeps_nothing(database: Database, tmp_path: Path) -> None:
    options = Options(NOW, dry_run=True)
    feed = write(tmp_path, BAD)
    import_files(database, [feed], read_mapping(MAPPING, "north.yaml"), options)

    assert waiting(database) == []


@on_both_stores
def test_what_rows_hold_is_forgotten_in_time(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, GOOD, BAD)
    with database.write() as session:
        assert forget_rows(session, NOW + KEPT_FOR) == 0
        assert forget_rows(session, NOW + KEPT_FOR + timedelta(minutes=1)) == 1

    with database.read() as session:
        row = session.connection().execute(select(table_of(RejectedRow))).one()
    assert (row.cells, row.reasons, row.state) == ([], [], "dropped")
    assert tasks(database) == [("operations", "done")]
