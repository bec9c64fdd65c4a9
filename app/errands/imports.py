"""Imports in the background: a book, bank statements, electronic invoices; for real or as a trial.

What has been taken stands in the cursor, in the transaction that took it. After a crash a book's
rows are told again from the first, which changes nothing, and the figures go on where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from sqlmodel import Session

from app.book.einvoices.importing import einvoices_in_steps
from app.book.importing import Options, import_in_steps
from app.book.mapping.source import read_mapping
from app.book.report import ImportReport
from app.book.statements.importing import import_statements
from app.book.statements.report import StatementReport
from app.engine.outfit import outfit
from app.errands.asking import Wanted
from app.errands.doing import Doing, Outcome, Steps
from app.errands.kinds import Kind
from app.store.engines import Database

MAPPING: Final = "mapping.yaml"
"""What the mapping of an import is called: it has come as text, and has no name of its own."""


class Feed(StrEnum):
    BOOK = "book"
    STATEMENT = "statement"
    EINVOICES = "einvoices"


@dataclass(frozen=True, slots=True)
class ImportWanted:
    """A file and how it is to be read. `creditor` is an external id. `mapping` is the text of a
    book's mapping, or of a CSV statement's. `encoding` is a statement's; a book's stands in its
    mapping."""

    feed: Feed
    file: str
    creditor: str | None = None
    mapping: str | None = None
    as_of: datetime | None = None
    encoding: str = "utf-8"
    despite_balance: bool = False

    def asked(self, kind: Kind, by: str, by_id: int | None, *, rows: int | None = None) -> Wanted:
        """The errand for it; `rows` is how many a trial has found."""
        parameters = {
            "feed": str(self.feed),
            "creditor": self.creditor,
            "mapping": self.mapping,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "encoding": self.encoding,
            "despite_balance": self.despite_balance,
        }
        return Wanted(kind, by, by_id, parameters=parameters, file=self.file, of=rows)

    @classmethod
    def of(cls, parameters: Mapping[str, Any], file: str | None) -> ImportWanted:
        """What `asked` made."""
        as_of = parameters.get("as_of")
        return cls(
            Feed(parameters["feed"]),
            file or "",
            parameters.get("creditor"),
            parameters.get("mapping"),
            datetime.fromisoformat(as_of) if as_of else None,
            parameters.get("encoding") or "utf-8",
            bool(parameters.get("despite_balance")),
        )


def import_steps(doing: Doing) -> Steps:
    """For real, or a dry run, as the errand's kind says."""
    wanted = ImportWanted.of(doing.taken.parameters, doing.taken.file)
    with doing.means.files.lent(wanted.file) as paths:
        run = _Import(doing, wanted, paths, is_trial=doing.taken.kind is Kind.TRY_IMPORT)
        outcome = yield from _WAYS[wanted.feed](run)
    if doing.means.outfits and not run.is_trial:
        with doing.means.database.write() as session:
            outfit(session)
    return outcome


@dataclass(frozen=True, slots=True)
class _Import:
    doing: Doing
    wanted: ImportWanted
    paths: Sequence[Path]
    is_trial: bool

    @property
    def database(self) -> Database:
        return self.doing.means.database

    @property
    def stood(self) -> Mapping[str, Any]:
        """The reports of a run that died, by the name of their file."""
        found: Mapping[str, Any] = self.doing.taken.cursor.get("reports", {})
        return found

    def book(self) -> Steps:
        mapping = read_mapping(self.wanted.mapping or "", MAPPING)
        known = {name: ImportReport.of_json(told) for name, told in self.stood.items()}
        told = dict(self.stood)
        batch_rows = int(self.doing.taken.cursor.get("batch_rows", self.doing.means.batch_rows))

        def kept(session: Session, report: ImportReport) -> None:
            told[report.file] = report.as_json()
            done = sum(each["rows"] for each in told.values())
            self.doing.keep(session, done, cursor={"reports": told, "batch_rows": batch_rows})

        options = Options(
            now=self.doing.clock(),
            dry_run=self.is_trial,
            as_of=self.wanted.as_of,
            batch_rows=batch_rows,
            documents=self.doing.means.documents,
            secret=self.doing.means.secret,
            kept=None if self.is_trial else kept,
            known=known,
        )
        reports = yield from self._shown(
            import_in_steps(self.database, self.paths, mapping, options)
        )
        return Outcome({"reports": [_plain(each) for each in reports]}, self._rejects(reports))

    def _shown(
        self, steps: Generator[ImportReport, None, list[ImportReport]]
    ) -> Generator[None, None, list[ImportReport]]:
        """A trial's batches are rolled back, and their count with them: it is told afterwards."""
        before: dict[str, int] = {}
        while True:
            try:
                report = next(steps)
            except StopIteration as done:
                reports: list[ImportReport] = done.value
                return reports
            before[report.file] = report.rows
            if self.is_trial:
                self.doing.show(sum(before.values()))
            try:
                yield
            except GeneratorExit:
                steps.close()
                raise

    def _rejects(self, reports: Sequence[ImportReport]) -> str | None:
        found = [Path(each.rejects_file) for each in reports if each.rejects_file]
        if len(found) < 2:
            return self.doing.means.files.move_in(found[0]) if found else None
        packed = found[0].with_name("rejects.zip")
        with ZipFile(packed, "w", ZIP_DEFLATED) as together:
            for path in found:
                together.write(path, path.name)
        return self.doing.means.files.move_in(packed)

    def statement(self) -> Steps:
        stood = self.doing.taken.cursor.get("report")
        if stood is not None:  # taken, and then the worker died
            return Outcome({"statement": stood})
        yield
        (path, *_) = self.paths
        mapping = self._mapping_file() if self.wanted.mapping else None

        def kept(session: Session, report: StatementReport) -> None:
            self.doing.keep(session, report.entries, cursor={"report": report.as_json()})

        report = import_statements(
            self.database,
            path,
            self.wanted.creditor or "",
            now=self.doing.clock(),
            mapping=mapping,
            encoding=self.wanted.encoding,
            dry_run=self.is_trial,
            despite_balance=self.wanted.despite_balance,
            kept=kept,
        )
        return Outcome({"statement": report.as_json()})

    def _mapping_file(self) -> Path:
        path = self.paths[0].with_name("statement-mapping.yaml")
        path.write_text(self.wanted.mapping or "", "utf-8")
        return path

    def einvoices(self) -> Steps:
        stood = self.doing.taken.cursor.get("report")

        def kept(session: Session, report: ImportReport) -> None:
            self.doing.keep(session, report.rows, cursor={"report": report.as_json()})

        report = None
        for report in einvoices_in_steps(
            self.database,
            self.paths[0] if len(self.paths) == 1 else self.paths[0].parent,
            self.wanted.creditor or "",
            documents=None if self.is_trial else self.doing.means.documents,
            now=self.doing.clock(),
            secret=self.doing.means.secret,
            kept=None if self.is_trial else kept,
            known=ImportReport.of_json(stood) if stood else None,
        ):
            if self.is_trial:
                self.doing.show(report.rows, of=len(self.paths))
            yield
        assert report is not None  # there is one file at least
        return Outcome({"reports": [_plain(report)]})


_WAYS: Final[Mapping[Feed, Callable[[_Import], Steps]]] = {
    Feed.BOOK: _Import.book,
    Feed.STATEMENT: _Import.statement,
    Feed.EINVOICES: _Import.einvoices,
}


def _plain(report: ImportReport) -> dict[str, Any]:
    """Where rejects lay while the import ran is nobody's business."""
    return {**report.as_json(), "rejects_file": None}
