"""What a proposed mapping would make of its file: it is imported into a database of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session, col, select

from app.book.contactable import Contactable, contactable
from app.book.importing import Options, Progress, import_files
from app.book.mapping.shape import FeedMapping
from app.book.report import ImportReport
from app.store.engines import Database
from app.store.migrate import upgrade
from app.store.rows import Customer, Invoice
from campaigns.money import Money

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One invoice as it would stand in the book."""

    customer: str
    name: str | None
    invoice: str
    open: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class Preview:
    report: ImportReport
    rows: Sequence[SampleRow]
    contactable: Contactable


def preview(
    path: Path, mapping: FeedMapping, *, now: datetime, progress: Progress | None = None
) -> Preview:
    """Imports the file into a scratch database, which is then gone. Touches no book."""
    with _scratch(path) as (database, feed):
        (report,) = import_files(database, [feed], mapping, Options(now=now, progress=progress))
        with database.read() as session:
            reached = contactable(session, mapping.creditor.external_id)
            return Preview(report, _rows(session), reached)


@contextmanager
def _scratch(path: Path) -> Iterator[tuple[Database, Path]]:
    """An empty database, and the file under another folder, because rejects are written beside."""
    with TemporaryDirectory(prefix="duly-") as folder:
        url = f"sqlite:///{Path(folder) / 'scratch.sqlite3'}"
        upgrade(url)
        feed = Path(folder) / path.name
        feed.symlink_to(path.resolve())
        database = Database(url)
        try:
            yield database, feed
        finally:
            database.dispose()


def _rows(session: Session) -> list[SampleRow]:
    query = (
        select(Customer, Invoice)
        .join(Invoice, col(Invoice.customer_id) == Customer.id)
        .order_by(col(Invoice.id))
        .limit(_SHOWN)
    )
    return [
        SampleRow(
            customer.external_id,
            customer.name,
            invoice.number,
            Money(invoice.open_minor, invoice.currency),
            invoice.due_on,
        )
        for customer, invoice in session.exec(query)
    ]
