"""`duly demo`, `duly drill`: what they refuse, and what they print."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Duly

SMALL = ("--days", "3", "--customers", "5", "--today", "2026-06-01", "--no-serve")
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_the_demo_tells_what_came_of_it(duly: Duly, home: Path) -> None:
    ended = duly("demo", *SMALL, "--json")

    assert (ended.code, ended.err) == (0, "")
    assert ended.json["customers"] == 5
    assert ended.json["days"] == 3
    assert {path.name for path in home.iterdir()} <= {
        "duly-demo.sqlite3",
        "duly-demo.sqlite3-wal",
        "duly-demo.sqlite3-shm",
        "duly-demo.sqlite3-next",
        "duly-demo.sqlite3-turn",
    }


@pytest.mark.slow
def test_people_read_a_summary_and_it_is_made_anew_each_time(duly: Duly) -> None:
    first, second = duly("demo", *SMALL), duly("demo", *SMALL)

    assert (first.code, second.code) == (0, 0)
    assert first.out.startswith("\n5 simulated customers, 3 days")
    assert first.out.splitlines()[3:] == second.out.splitlines()[3:]


@SQLITE
@pytest.mark.parametrize("command", [("demo", *SMALL), ("drill", "--kills", "0")], ids=str)
def test_a_database_that_holds_a_book_is_not_touched(
    with_book: Duly, migrated_url: str, command: tuple[str, ...]
) -> None:
    before = with_book("check", "--json").out

    ended = with_book(*command, "--database-url", migrated_url)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "This takes an empty database; that one holds something.\n"
    assert with_book("check", "--json").out == before


def test_a_database_of_another_program_is_not_touched(duly: Duly, home: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(home / "other.sqlite3")) as other:
        other.execute("CREATE TABLE notes (words TEXT)")

    ended = duly("demo", *SMALL, "--database-url", "sqlite:///other.sqlite3")

    assert ended.code == 2
    with closing(sqlite3.connect(home / "other.sqlite3")) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


@pytest.mark.slow
def test_the_drill_tells_what_it_found(duly: Duly, home: Path) -> None:
    ended = duly("drill", "--kills", "1", "--workers", "1", "--json")

    assert ended.code == 0
    assert (ended.json["sent_twice"], ended.json["lost"], ended.json["after_stop"]) == (0, 0, 0)
    assert ended.err.startswith("Nothing was sent twice")
    assert list(home.iterdir()) == []
