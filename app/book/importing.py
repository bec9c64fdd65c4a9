"""Imports feeds by a mapping: as streams, batch by batch, each batch in one transaction.

A failed import leaves whole batches and can be run again: telling the book what it knows changes
nothing. A row that is absent means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from sqlmodel import Session, select

from app.book import as_of as truth
from app.book.as_of import AsOfFrom, Truth
from app.book.batches.batch import write_batch
from app.book.batches.firsts import Firsts
from app.book.batches.work import Batch
from app.book.customers import Owner
from app.book.days import day_of
from app.book.entries.reader import EntryReader
from app.book.entries.shapes import Entry, Reject
from app.book.invoice_documents import InvoiceDocuments
from app.book.kept_rejects import KeptRejects
from app.book.mapping.shape import FeedMapping
from app.book.mapping.source import load_mapping
from app.book.owners import move_as_of, take_owner
from app.book.reading.feed import content_hash, open_feed
from app.book.reading.rows import Feed, RawRow
from app.book.readings import Reading, readings
from app.book.rejects import RejectsFile
from app.book.report import ImportReport, Kept, keep_batch
from app.garbage import rare_collection
from app.store.documents import Documents
from app.store.engines import Database
from app.store.rows import Creditor, ImportRun

BATCH_ROWS = 2000

Progress = Callable[[int], None]
"""Told how many rows of the file have been read so far."""


Steps = Generator[ImportReport, None, list[ImportReport]]
"""An import that rests after each batch, and then shows how far it is."""


class _DryRun(Exception):
    """Rolls a batch back."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an import is done. `as_of` goes before what the mapping or the file says of it.

    `documents` keeps the files that rows name; they lie below `documents_from`, which is usually
    the feed's own folder. `keeps_rejects`: people are asked to mend the rows that stay out. What
    `kept` raises undoes the batch.

    `known` are the reports of a run that died, by the name of the file. Its rows are told again,
    which changes nothing, and the counts go on from there.
    """

    now: datetime
    dry_run: bool = False
    as_of: datetime | None = None
    progress: Progress | None = None
    batch_rows: int = BATCH_ROWS
    documents: Documents | None = None
    documents_from: Path | None = None
    secret: bytes | None = None
    keeps_rejects: bool = True
    kept: Kept | None = None
    known: Mapping[str, ImportReport] = field(default_factory=dict)


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
    """Imports one file that is read once. See `import_files`."""
    options = Options(now, dry_run, as_of, progress, batch_rows)
    (report,) = import_files(database, [path], load_mapping(mapping_path), options)
    return report


def import_files(
    database: Database, paths: Sequence[Path], mapping: FeedMapping, options: Options
) -> list[ImportReport]:
    """Imports the files by the mapping and answers what became of each, in the order of reading.

    A dry run does the same in transactions that it rolls back, and writes no file. Bad rows go to
    `<file>.rejects.csv`; the rest goes in. Raises `MappingError` and `FeedError` for what is wrong
    with a file or its header before anything of any file is written.
    """
    steps = import_in_steps(database, paths, mapping, options)
    with rare_collection():
        while True:
            try:
                next(steps)
            except StopIteration as done:
                reports: list[ImportReport] = done.value
                return reports


def import_in_steps(
    database: Database, paths: Sequence[Path], mapping: FeedMapping, options: Options
) -> Steps:
    """The same, a batch at a time: who closes it in between leaves whole batches."""
    planned = readings(paths, mapping)
    for reading in planned if len(planned) > 1 else ():
        with open_feed(reading.path, reading.parts, mapping.file):
            pass
    reports = []
    with Firsts() as firsts:
        for reading in planned:
            reports.append((yield from _import(database, reading, mapping, firsts, options)))
    return reports


def _import(
    database: Database, reading: Reading, mapping: FeedMapping, firsts: Firsts, options: Options
) -> Generator[ImportReport, None, ImportReport]:
    report = ImportReport(
        file=reading.name,
        mapping=Path(mapping.file).name,
        creditor=mapping.creditor.external_id,
        dry_run=options.dry_run,
    )
    named = _named_truth(reading, mapping)
    firsts.begin(reading.name)
    with ExitStack() as stack:
        feed = stack.enter_context(open_feed(reading.path, reading.parts, mapping.file))
        report.written = str(feed.written)
        for column in feed.unseen:
            report.note(1, f"no row so far has the key `{column}`")
        run = _Run(database, mapping, reading, feed, firsts, options, report)
        if not options.dry_run:
            run.rejects = stack.enter_context(RejectsFile(reading.rejects, feed))
        run_id = run.begin()
        if run_id is not None and options.keeps_rejects and not options.dry_run:
            run.kept = KeptRejects(run_id, reading, feed, mapping, now=options.now)
        yield from run.read()
        run.finish(run_id, named)
        if run.rejects is not None and report.rejected:
            report.rejects_file = str(run.rejects.path)
    return report


def _named_truth(reading: Reading, mapping: FeedMapping) -> Truth | None:
    pattern = reading.parts[0].form.as_of.in_name
    return truth.of_name(reading.path, pattern, mapping.creditor.zone) if pattern else None


@dataclass(slots=True)
class _Run:
    """One file on its way."""

    database: Database
    mapping: FeedMapping
    reading: Reading
    feed: Feed
    firsts: Firsts
    options: Options
    report: ImportReport
    rejects: RejectsFile | None = None
    kept: KeptRejects | None = None
    latest: date | None = None

    def begin(self) -> int | None:
        """Makes the creditor and the record of this run, so that a run that dies shows."""
        now = self.options.now
        with self.database.read() as session:
            known = select(Creditor.id).where(
                Creditor.external_id == self.mapping.creditor.external_id
            )
            new = session.exec(known).first() is None
        # A dry run forgets the creditor after each file.
        first = self.firsts.see([("creditor", 0, "")])["creditor"].file
        self.report.creditors_added = int(new and first == self.firsts.file)
        with self._transaction() as session:
            owner, _ = take_owner(session, self.mapping, now=now)
            run = ImportRun(
                creditor_id=owner.id,
                file_name=self.reading.path.name,
                content_hash=content_hash(self.reading.path),
                mapping_hash=self.mapping.hash,
                as_of=now,
                started_at=now,
            )
            session.add(run)
            session.flush()
            return run.id

    def read(self) -> Iterator[ImportReport]:
        creditor = self.mapping.creditor
        reader = EntryReader(
            self.reading.parts,
            creditor,
            self.feed.header,
            today=day_of(self.options.now, creditor.zone),
        )
        documents = InvoiceDocuments(
            self.options.documents_from or self.reading.path.parent,
            None if self.options.dry_run else self.options.documents,
        )
        while batch := list(islice(self.feed.rows, self.options.batch_rows)):
            self._write(batch, reader, documents)
            if self.options.progress is not None:
                self.options.progress(self.report.rows)
            yield self.report

    def finish(self, run_id: int | None, named: Truth | None) -> None:
        """Moves the book's date, now that all of the feed is in it."""
        told = self._truth(named)
        if told is not None:
            self.report.as_of = min(told.until, self.options.now)
            self.report.as_of_from = told.told_by
        with self._transaction() as session:
            owner, _ = take_owner(session, self.mapping, now=self.options.now)
            if self.reading.is_about_money and self.report.as_of is not None:
                move_as_of(session, owner, self.report.as_of)
            run = session.get(ImportRun, run_id) if run_id is not None else None
            if run is not None:
                run.as_of = self.report.as_of or run.as_of
                run.finished_at = self.options.now
                run.rows = self.report.rows
                run.accepted = self.report.accepted
                run.rejected = self.report.rejected

    def _truth(self, named: Truth | None) -> Truth | None:
        """None where no row went in: an empty or a broken file must not pass for a fresh book."""
        if self.options.as_of is not None:
            return Truth(self.options.as_of, AsOfFrom.OPTION)
        if not self.report.accepted:
            return None
        if self.latest is not None:
            return truth.of_day(self.latest, self.mapping.creditor.zone)
        return named or truth.of_file(self.reading.path)

    def _write(self, rows: list[RawRow], reader: EntryReader, documents: InvoiceDocuments) -> None:
        found = [reader.read(row) for row in rows]
        entries = [documents.settle(each) for each in found if isinstance(each, Entry)]
        rejects = [each for each in found if isinstance(each, Reject)]
        self.report.rows += len(rows)
        with self._transaction() as session:
            owner, _ = take_owner(session, self.mapping, now=self.options.now)
            rejects += write_batch(session, self._batch(owner, entries), self.report)
            rejects.sort(key=lambda reject: reject.raw.line)
            if self.kept is not None:
                self.kept.add(session, owner.id, rejects)
            self.report.reject(rejects)
            known = self.options.known.get(self.report.file)
            keep_batch(session, self.report, self.options.kept, known)
        days = [entry.as_of for entry in entries if entry.as_of is not None]
        self.latest = max([*days, *([self.latest] if self.latest else [])], default=None)
        if self.rejects is not None:
            self.rejects.add(rejects)

    def _batch(self, owner: Owner, entries: list[Entry]) -> Batch:
        return Batch(
            owner,
            entries,
            self.firsts,
            tells_history=self.mapping.tells_history,
            forgets=self.options.dry_run,
            now=self.options.now,
            secret=self.options.secret,
        )

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """One transaction, which a dry run rolls back at its end."""
        try:
            with self.database.write() as session:
                yield session
                if self.options.dry_run:
                    raise _DryRun
        except _DryRun:
            return
