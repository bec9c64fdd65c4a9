"""A book is replayed day by day: whom we would have written to, on what, and whom not and why."""

import shutil
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import SQLModel

from app.book.brands import change_creditor
from app.book.importing import import_file
from app.loops.assembly import publish_shipped
from app.loops.rehearsal import RehearsedDay, rehearse
from app.store.engines import Database
from app.store.given import table_of
from app.store.publishing import publish
from app.store.rows import Campaign, Sender
from tests.app.loops.books import FEED, MAPPING, fill
from tests.databases import on_both_stores
from tests.factories import NOON
from tests.house.tree import ROOT

FIRST, LAST = date(2026, 2, 24), date(2026, 3, 25)

OUR_JOURNEY = """\
journey: ours
title: One word
subject: customer
steps:
  - id: only_word
    day: 5
    send: reminder_first
  - id: over
    day: 30
    end: exhausted
"""


@pytest.fixture(scope="module")
def replayed(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[RehearsedDay]]:
    """The whole of the small book, replayed once."""
    folder = tmp_path_factory.mktemp("replayed")
    scratch = folder / "scratch"
    scratch.mkdir()
    shutil.copy(sqlite_template, folder / "duly.sqlite3")
    source = Database(f"sqlite:///{folder / 'duly.sqlite3'}")
    fill(source, folder)
    yield _replay(source, scratch)
    source.dispose()


@pytest.fixture
def book(database: Database, tmp_path: Path) -> Database:
    fill(database, tmp_path)
    return database


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def _replay(
    source: Database, scratch: Path, since: date = FIRST, until: date = LAST
) -> list[RehearsedDay]:
    return list(rehearse(source, scratch, since, until))


def _written(days: list[RehearsedDay]) -> list[tuple[str, str, str, str]]:
    return [
        (f"{day.day:%m-%d}", one.customer, one.template, one.medium)
        for day in days
        for one in day.written
    ]


def _silences(days: list[RehearsedDay], customer: str) -> list[tuple[str, str | None, str]]:
    return [
        (f"{day.day:%m-%d}", one.step, one.reason)
        for day in days
        for one in day.not_written
        if one.customer == customer
    ]


def test_each_day_says_whom_it_would_have_written_to_and_on_what(
    replayed: list[RehearsedDay],
) -> None:
    assert _written(replayed) == [
        ("02-26", "dana", "due_soon", "email"),
        ("02-26", "noam", "due_soon", "email"),
        ("02-26", "lina", "due_soon", "email"),
        ("03-03", "dana", "due_today", "email"),
        ("03-03", "noam", "due_today", "email"),
        ("03-04", "noam", "thank_you", "email"),
        ("03-06", "dana", "reminder_first", "email"),
        ("03-13", "dana", "reminder_second", "email"),
        ("03-19", "dana", "due_soon", "email"),
        ("03-24", "dana", "reminder_third", "email"),
    ]


def test_what_is_dated_later_is_not_yet_known(replayed: list[RehearsedDay]) -> None:
    """On the third nobody knows that Noam pays on the fourth."""
    noam = [(day, template) for day, customer, template, _ in _written(replayed)
            if customer == "noam"]  # fmt: skip

    assert ("03-03", "due_today") in noam
    assert ("03-06", "reminder_first") not in noam


def test_who_has_no_address_gets_the_named_reason(replayed: list[RehearsedDay]) -> None:
    assert _silences(replayed, "omar") == [
        ("02-26", "due_soon", "no_address"),
        ("03-03", "due_today", "no_address"),
        ("03-06", "reminder_first", "no_address"),
        ("03-13", "reminder_second", "no_address"),
        ("03-24", "reminder_third", "no_address"),
    ]
    (told,) = [one for one in replayed[2].not_written if one.customer == "omar"]
    assert told.sentence == "No address or number is known for this customer."


def test_a_dispute_is_told_when_it_silences_and_not_every_day(
    replayed: list[RehearsedDay],
) -> None:
    assert _silences(replayed, "lina") == [("03-02", None, "dispute_open")]


@on_both_stores
def test_the_source_is_only_read_and_either_store_says_the_same(
    book: Database, scratch: Path, replayed: list[RehearsedDay]
) -> None:
    before = _contents(book)

    assert _replay(book, scratch, until=date(2026, 3, 4)) == replayed[:9]
    assert _contents(book) == before


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestOnOneStore:
    def test_a_replay_may_begin_in_the_middle(self, book: Database, scratch: Path) -> None:
        """As in a book that is imported on that day: the latest step that passed is said first."""
        days = _replay(book, scratch, since=date(2026, 3, 12), until=date(2026, 3, 14))

        assert [row[:3] for row in _written(days)] == [
            ("03-12", "dana", "reminder_first"),
            ("03-13", "dana", "reminder_second"),
        ]

    def test_it_goes_by_the_journeys_and_campaigns_of_the_source(
        self, book: Database, scratch: Path
    ) -> None:
        with book.write() as session:
            publish(session, "journey", "ours", OUR_JOURNEY, now=NOON)
            session.connection().execute(
                update(table_of(Campaign))
                .where(table_of(Campaign).c.name == "gentle")
                .values(journey="ours")
            )

        days = _replay(book, scratch, until=date(2026, 3, 10))

        assert [row[:3] for row in _written(days) if row[1] == "dana"] == [
            ("02-26", "dana", "due_soon"),
            ("03-09", "dana", "reminder_first"),  # the eighth is a Sunday
        ]

    def test_what_waits_for_somebodys_word_is_taken_to_get_it(
        self, book: Database, scratch: Path
    ) -> None:
        asking = OUR_JOURNEY.replace("reminder_first\n", "reminder_first\n    approval: finance\n")
        with book.write() as session:
            publish(session, "journey", "ours", asking, now=NOON)
            named = update(table_of(Campaign)).where(table_of(Campaign).c.name == "gentle")
            session.connection().execute(named.values(journey="ours"))

        days = _replay(book, scratch, date(2026, 3, 5), date(2026, 3, 10))

        assert ("03-09", "dana", "reminder_first", "email") in _written(days)

    def test_senders_of_real_providers_are_played_by_the_sandbox(
        self, book: Database, scratch: Path
    ) -> None:
        _set(book, Sender, provider="twilio", per_second=0.01, free_at=NOON)

        days = _replay(book, scratch, until=date(2026, 2, 26))

        assert len(_written(days)) == 3

    def test_a_book_without_campaigns_is_replayed_with_those_that_ship(
        self, database: Database, scratch: Path, tmp_path: Path
    ) -> None:
        publish_shipped(database, NOON)
        (tmp_path / "b.csv").write_text(FEED, "utf-8")
        (tmp_path / "m.yaml").write_text(MAPPING, "utf-8")
        import_file(database, tmp_path / "b.csv", tmp_path / "m.yaml", dry_run=False, now=NOON)

        assert len(_written(_replay(database, scratch, until=date(2026, 2, 26)))) == 3

    def test_a_day_begins_when_it_has_begun_for_every_creditor(
        self, book: Database, scratch: Path, tmp_path: Path
    ) -> None:
        """Else a creditor in the west would hear of tomorrow's invoices and payments."""
        west = MAPPING.replace("alder", "west").replace("Europe/Vilnius", "America/New_York")
        fill(book, tmp_path, mapping=west.replace(": LT", ": US"))
        with book.write() as session:
            address = {"postal_address": "1 Sample Street"}
            assert change_creditor(session, "west", brand=address, capability=None)

        (day,) = _replay(book, scratch, since=date(2026, 3, 3), until=date(2026, 3, 3))

        assert {one.creditor for one in day.written} == {"alder", "west"}
        assert min(one.at for one in day.written) >= datetime.fromisoformat("2026-03-03T05:00Z")

    def test_days_come_one_by_one(self, book: Database, scratch: Path) -> None:
        """However long the range is, only the day that is looked at is held."""
        days = rehearse(book, scratch, FIRST, date(2999, 1, 1))

        assert [next(days).day for _ in range(3)] == [date(2026, 2, day) for day in (24, 25, 26)]
        days.close()  # type: ignore[attr-defined]  # an iterator to callers, and a generator

    def test_an_empty_book_is_silent(self, database: Database, scratch: Path) -> None:
        days = _replay(database, scratch, until=FIRST)

        assert days == [RehearsedDay(FIRST, (), ())]

    def test_it_runs_on_the_ibm_book(
        self, database: Database, scratch: Path, tmp_path: Path, vectors: Path
    ) -> None:
        _import_ibm(database, tmp_path, vectors)

        days = _replay(database, scratch, since=date(2012, 1, 3), until=date(2012, 2, 12))

        told = [one for day in days for one in day.not_written]
        assert _written(days) == []
        assert {one.reason for one in told} == {"no_address", "dispute_open"}
        assert {one.step for one in told} >= {"due_soon", "due_today", "reminder_first"}

    @pytest.mark.slow
    def test_a_quarter_of_the_ibm_book_takes_well_below_a_minute(
        self, database: Database, scratch: Path, tmp_path: Path, vectors: Path
    ) -> None:
        _import_ibm(database, tmp_path, vectors)
        began = time.process_time()

        days = _replay(database, scratch, since=date(2013, 1, 1), until=date(2013, 3, 31))

        assert len(days) == 90
        assert time.process_time() - began < 30


def _import_ibm(database: Database, folder: Path, vectors: Path) -> None:
    publish_shipped(database, NOON)
    feed = folder / "ibm.csv"
    feed.write_bytes((vectors / "ar_data" / "ibm_wa_fn_usec_accounts_receivable.csv").read_bytes())
    mapping = ROOT / "docs" / "examples" / "ibm_late_payments.yaml"
    import_file(database, feed, mapping, dry_run=False, now=NOON)


def _set(database: Database, model: type[SQLModel], **values: Any) -> None:
    with database.write() as session:
        session.connection().execute(update(table_of(model)).values(values))


def _contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with database.read() as session:
        return {
            table.name: [tuple(row) for row in session.connection().execute(select(table))]
            for table in SQLModel.metadata.sorted_tables
        }
