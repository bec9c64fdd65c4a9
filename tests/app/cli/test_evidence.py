"""`duly evidence`, `duly evidence verify` and `duly erase`, as a shell sees them."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.cli.conftest import Duly
from tests.app.loops.books import FEED, write_book

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_customer_is_told_verified_erased_and_not_revived(
    with_book: Duly, book_files: tuple[Path, Path], home: Path, sqlite_place: Path
) -> None:
    assert with_book("walk").code == 0
    told = with_book("evidence", "dana", "--output", home / "dana.zip")
    assert (told.code, "head: line" in told.out) == (0, True)
    with zipfile.ZipFile(home / "dana.zip") as archive:
        assert "Dana Miller" in archive.read("evidence.html").decode()
    assert with_book("evidence", "verify", "dana").code == 0

    change(sqlite_place, "UPDATE event SET kind = 'x' || kind WHERE id = 1")
    named = with_book("evidence", "verify")
    assert (named.code, "event 1" in named.out) == (1, True)
    assert with_book("check").code == 1
    change(sqlite_place, "UPDATE event SET kind = substr(kind, 2) WHERE id = 1")

    assert with_book("erase", "dana", "--reason", "boredom", "--yes").code == 2
    erased = with_book("erase", "dana", "--yes")
    assert (erased.code, "open invoices" in erased.out) == (0, True)
    assert "before" in with_book("erase", "dana", "--yes").err
    assert with_book("evidence", "verify").code == 0

    feed, mapping = write_book(
        home,
        feed=FEED + "dana,Dana Miller,dana@example.com,INV-9,10.00,2026-03-11,2026-03-25,,no,\n",
        name="again",
    )
    again = with_book("import", feed, "--map", mapping)
    assert again.code == 0
    assert ask(sqlite_place, "name FROM customer WHERE external_id = 'dana'") is None
    assert ask(sqlite_place, "count(*) FROM task WHERE kind = 'erased_again'") == 1
    assert ask(sqlite_place, "count(*) FROM invoice WHERE number = 'INV-9'") == 1
    assert ask(sqlite_place, "count(*) FROM address WHERE value LIKE 'dana%'") == 0
    assert with_book("walk").code == 0
    cases = "dunning_case JOIN customer ON customer.id = customer_id WHERE external_id = 'dana'"
    assert ask(sqlite_place, f"count(*) FROM {cases} AND phase <> 'closed'") == 0


def ask(path: Path, what: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT {what}").fetchone()[0]


def test_an_unclear_name_is_told_with_the_way_out(with_book: Duly, sqlite_place: Path) -> None:
    change(sqlite_place, "UPDATE customer SET external_id = '1' WHERE external_id = 'noam'")

    unclear = with_book("evidence", "1", "--output", "x.zip")
    assert (unclear.code, "id:1" in unclear.err) == (2, True)
    assert with_book("evidence", "nobody", "--output", "x.zip").code == 2
