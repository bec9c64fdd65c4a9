"""Imports a feed by its mapping: as a stream, batch by batch, each batch in one transaction.

A failed import leaves whole batches and can be run again: telling the book what it knows changes
nothing. A row that is absent means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from sqlmodel import Session, select

from app.book.batches import Batch, write_batch
from app.book.customers import Owner
from app.book.days import day_of, end_of
from app.book.entries import Entry, Reject
from app.book.entry_reader import EntryReader
from app.book.errors import FeedError
from app.book.feed import Feed, RawRow, content_hash, open_feed
from app.book.firsts import Firsts
from app.book.mapping import FeedMapping
from app.book.mapping_source import read_mapping
from app.book.owners import move_as_of, take_owner
from app.book.rejects import RejectsFile
from app.book.report import ImportReport
from app.store.engines import Database
from app.store.rows import Creditor, ImportRun

BATCH_ROWS = 2000

Progress = Callable[[int], None]
"""Told how many rows have been read so far."""


class _DryRun(Exception):
    """Rolls a batch back."""


def load_mapping(path: Path) -> FeedMapping:
    """Reads a mapping file. Raises `MappingError`, or `FeedError` when there is no such text."""
    try:
        return read_mapping(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise FeedError(f"{path} cannot be opened ({error.strerror}); check its path") from None
    except UnicodeDecodeError:
        raise FeedError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def import_file(
    database: Database,
    path: Path,
    mapping_path: Path,
    *,
    dry_run: bool,
    now: datetime,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    batch_rows: int = BATCH_ROWS,
) -> ImportReport:
    """Imports `path` by the mapping at `mapping_path` and answers what became of it.

    A dry run does the same in transactions that it rolls back, and writes no file. Bad rows go to
    `<file>.rejects.csv`; the rest goes in. `as_of` (else the mapping's, else `now`) is the instant
    up to which the feed is true. `batch_rows` rows are one transaction. Raises `MappingError` and
    `FeedError` before anything is written.
    """
    mapping = load_mapping(mapping_path)
    report = ImportReport(
        file=path.name,
        mapping=mapping_path.name,
        creditor=mapping.creditor.external_id,
        dry_run=dry_run,
    )
    with ExitStack() as stack:
        feed = stack.enter_context(open_feed(path, mapping))
        run = _Run(database, mapping, feed, dry_run, now, report)
        run.firsts = stack.enter_context(Firsts())
        if not dry_run:
            run.rejects = stack.enter_context(RejectsFile(path, mapping.form, feed.header))
        run_id = run.begin(path)
        run.read(batch_rows, progress)
        run.finish(run_id, as_of)
        if run.rejects is not None and report.rejected:
            report.rejects_file = str(run.rejects.path)
    return report


@dataclass(slots=True)
class _Run:
    """One import on its way."""

    database: Database
    mapping: FeedMapping
    feed: Feed
    dry_run: bool
    now: datetime
    report: ImportReport
    firsts: Firsts = field(init=False)
    rejects: RejectsFile | None = None
    latest: date | None = None

    def begin(self, path: Path) -> int | None:
        """Makes the creditor and the record of this run, so that a run that dies shows."""
        with self.database.read() as session:
            known = select(Creditor.id).where(
                Creditor.external_id == self.mapping.creditor.external_id
            )
            self.report.creditors_added = int(session.exec(known).first() is None)
        with self._transaction() as session:
            owner, _ = take_owner(session, self.mapping, now=self.now)
            run = ImportRun(
                creditor_id=owner.id,
                file_name=path.name,
                content_hash=content_hash(path),
                mapping_hash=self.mapping.hash,
                as_of=self.now,
                started_at=self.now,
            )
            session.add(run)
            session.flush()
            return run.id

    def read(self, batch_rows: int, progress: Progress | None) -> None:
        zone = self.mapping.creditor.zone
        reader = EntryReader(self.mapping, self.feed.header, today=day_of(self.now, zone))
        while batch := list(islice(self.feed.rows, batch_rows)):
            self._write(batch, reader)
            if progress is not None:
                progress(self.report.rows)

    def finish(self, run_id: int | None, as_of: datetime | None) -> None:
        """Moves the book's date, now that all of the feed is in it."""
        until = as_of or self._told_as_of() or self.now
        self.report.as_of = min(until, self.now)
        with self._transaction() as session:
            owner, _ = take_owner(session, self.mapping, now=self.now)
            move_as_of(session, owner, self.report.as_of)
            run = session.get(ImportRun, run_id) if run_id is not None else None
            if run is not None:
                run.as_of = self.report.as_of
                run.finished_at = self.now
                run.rows = self.report.rows
                run.accepted = self.report.accepted
                run.rejected = self.report.rejected

    def _told_as_of(self) -> datetime | None:
        return end_of(self.latest, self.mapping.creditor.zone) if self.latest else None

    def _write(self, rows: list[RawRow], reader: EntryReader) -> None:
        entries: list[Entry] = []
        rejects: list[Reject] = []
        for row in rows:
            found = reader.read(row)
            if isinstance(found, Reject):
                rejects.append(found)
            else:
                entries.append(found)
        self.report.rows += len(rows)
        with self._transaction() as session:
            owner, _ = take_owner(session, self.mapping, now=self.now)
            rejects += write_batch(session, self._batch(owner, entries), self.report)
        days = [entry.as_of for entry in entries if entry.as_of is not None]
        self.latest = max([*days, *([self.latest] if self.latest else [])], default=None)
        rejects.sort(key=lambda reject: reject.raw.line)
        self.report.reject(rejects)
        if self.rejects is not None:
            self.rejects.add(rejects)

    def _batch(self, owner: Owner, entries: list[Entry]) -> Batch:
        history = "known_on" in self.mapping.fields["invoice"]
        return Batch(owner, entries, self.firsts, history, self.now)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """One transaction, which a dry run rolls back at its end."""
        try:
            with self.database.write() as session:
                yield session
                if self.dry_run:
                    raise _DryRun
        except _DryRun:
            return
