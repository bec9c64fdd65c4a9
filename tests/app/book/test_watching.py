"""A watched folder: each file is taken once, put away with its reasons, and survives a crash."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app.book.errors import FeedError
from app.book.importing import Options
from app.book.mapping.source import read_mapping
from app.book.watching import SETTLED, Taken, WatchedFolder, take_in, watched
from app.store.engines import Database
from app.store.rows import Creditor, Invoice
from tests.app.book.feeds import HEADER, MAPPING
from tests.app.book.make import NOW

LATER = NOW + SETTLED
GOOD = f"{HEADER}\nC1,Dana,I1,100,2026-09-01\n"
NAMED = MAPPING + 'file: { as_of: { in_name: "%Y%m%d" } }\n'


@pytest.fixture
def database_kind() -> str:
    """The folder is the same on both stores."""
    return "sqlite"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[WatchedFolder]:
    place = tmp_path / "in"
    place.mkdir()
    with watched(place) as found:
        yield found


def look(
    database: Database, folder: WatchedFolder, *, now: datetime, mapping: str = MAPPING
) -> list[Taken]:
    mapping_read = read_mapping(mapping, "m.yaml")
    return list(take_in(database, folder, mapping_read, options=Options(now=now)))


def take(database: Database, folder: WatchedFolder, mapping: str = MAPPING) -> list[Taken]:
    assert look(database, folder, now=NOW, mapping=mapping) == []
    return look(database, folder, now=LATER, mapping=mapping)


def files(folder: WatchedFolder, within: str) -> list[str]:
    return sorted(path.name for path in (folder.path / within).iterdir() if path.is_file())


def test_a_file_is_taken_when_it_has_stopped_growing(
    database: Database, folder: WatchedFolder
) -> None:
    feed = folder.path / "feed.csv"
    feed.write_text(HEADER, "utf-8")

    first = look(database, folder, now=NOW)
    feed.write_text(GOOD, "utf-8")
    grown = look(database, folder, now=NOW + SETTLED)
    early = look(database, folder, now=NOW + SETTLED + timedelta(seconds=1))
    (taken,) = look(database, folder, now=NOW + 2 * SETTLED)

    assert first == grown == early == []
    assert taken.reports[0].invoices_added == 1
    assert (files(folder, "done"), files(folder, "rejected")) == (["feed.csv"], [])
    assert not list((folder.path / "working").iterdir())


def test_bad_rows_and_bad_files_are_put_away_with_their_reasons(
    database: Database, folder: WatchedFolder
) -> None:
    (folder.path / "half.csv").write_text(f"{GOOD}C2,Avi,I2,x,2026-09-01\n", "utf-8")
    (folder.path / "none.csv").write_text(f"{HEADER}\nC2,Avi,I2,x,2026-09-01\n", "utf-8")
    (folder.path / "other.csv").write_bytes(b"\xd0\xcf\x11\xe0")

    taken = take(database, folder)

    assert [each.name for each in taken] == ["half.csv", "none.csv", "other.csv"]
    assert files(folder, "done") == ["half.csv"]
    assert files(folder, "rejected") == [
        "half.csv.rejects.csv",
        "none.csv",
        "none.csv.rejects.csv",
        "other.csv",
        "other.csv.reason.txt",
    ]
    reason = (folder.path / "rejected" / "other.csv.reason.txt").read_text("utf-8")
    assert reason.startswith("other.csv is an old Excel workbook")


def test_a_second_file_of_one_name_overwrites_nothing(
    database: Database, folder: WatchedFolder
) -> None:
    for _ in range(2):
        (folder.path / "feed.csv").write_text(GOOD, "utf-8")
        take(database, folder)

    assert len(files(folder, "done")) == 2


def test_what_is_no_feed_yet_is_left_alone(database: Database, folder: WatchedFolder) -> None:
    names = (".hidden.csv", "feed.csv.part", "~$book.xlsx", "invoice.pdf")
    for name in names:
        (folder.path / name).write_text(GOOD, "utf-8")
    (folder.path / "link.csv").symlink_to(folder.path / "invoice.pdf")

    assert take(database, folder) == []
    assert folder.arrived() == []


def test_two_watchers_never_have_one_folder(folder: WatchedFolder) -> None:
    with (
        pytest.raises(FeedError, match="is watched by another process already"),
        watched(folder.path),
    ):
        pass


def test_what_a_crash_left_is_taken_in_by_the_next_watcher(
    database: Database, tmp_path: Path
) -> None:
    place = tmp_path / "in"
    place.mkdir()
    (place / "feed.csv").write_text(GOOD + "C2,Avi,I2,5,2026-09-01\n", "utf-8")

    def die(rows: int) -> None:
        raise KeyboardInterrupt

    with watched(place) as folder:
        look(database, folder, now=NOW)
        options = Options(now=LATER, progress=die, batch_rows=1)
        taking = take_in(database, folder, read_mapping(MAPPING, "m"), options=options)
        with pytest.raises(KeyboardInterrupt):
            list(taking)
        assert folder.arrived() == []
        assert (place / "working" / "feed.csv" / "feed.csv").is_file()
    with watched(place) as folder:
        (taken,) = look(database, folder, now=LATER)

    assert taken.reports[0].invoices_added == 1
    assert files(folder, "done") == ["feed.csv"]
    with database.read() as session:
        assert len(session.exec(select(Invoice)).all()) == 2


def test_each_feed_moves_the_books_date_and_says_what_told_it(
    database: Database, folder: WatchedFolder
) -> None:
    told = []
    for name, mapping in (("a.csv", MAPPING), ("b-20260904.csv", NAMED), ("c.csv", NAMED)):
        feed = folder.path / name
        feed.write_text(GOOD, "utf-8")
        written = datetime(2026, 9, 3, 12, tzinfo=UTC).timestamp()
        os.utime(feed, (written, written))
        (taken,) = take(database, folder, mapping)
        with database.read() as session:
            as_of = session.exec(select(Creditor.ledger_as_of)).one()
        told.append((as_of, taken.reports[0].as_of_from if taken.reports else taken.problem))

    assert told == [
        (datetime(2026, 9, 3, 12, tzinfo=UTC), "file time"),
        (datetime(2026, 9, 4, 21, tzinfo=UTC), "file name"),
        (
            datetime(2026, 9, 4, 21, tzinfo=UTC),
            "the name of c.csv holds no day of the form %Y%m%d; correct `as_of`",
        ),
    ]


def test_customers_go_before_what_refers_to_them(database: Database, folder: WatchedFolder) -> None:
    from tests.app.book.test_import_files import FILES
    from tests.app.book.test_import_files import MAPPING as SEVERAL

    for name, content in FILES.items():
        (folder.path / name).write_text(content, "utf-8")

    taken = take(database, folder, SEVERAL)

    assert [each.name for each in taken] == [
        "customers.csv",
        "contacts.jsonl",
        "invoices.csv",
        "money.csv",
    ]
    assert taken[3].reports[0].accepted == 3
