"""Puts electronic invoices into the book, by the same way as the rows of any feed.

The book's date does not move: invoices say nothing of what was paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from app.book.addresses import canonical_email
from app.book.batches.batch import write_batch
from app.book.batches.firsts import Firsts
from app.book.batches.work import Batch
from app.book.customers import Owner
from app.book.einvoices.buyers import external_id_of, known_ids
from app.book.einvoices.credit_notes import post_credit_note
from app.book.einvoices.einvoice import Buyer, EInvoice, EInvoiceProblem
from app.book.einvoices.reading import read_einvoice
from app.book.entries.shapes import CustomerEntry, Entry, InvoiceEntry, PointEntry, Reject
from app.book.errors import AddressError, FeedError
from app.book.mapping.shape import AddressKind
from app.book.owners import find_owner, hold_off
from app.book.reading.rows import RawRow
from app.book.report import ImportReport, Kept, keep_batch
from app.book.wrongs import wrong
from app.book.xml_source import read_bytes
from app.store.documents import MOST_BYTES, DocumentRefused, Documents
from app.store.engines import Database
from app.store.given import chunks
from campaigns.vocabulary import DebtClass, Medium
from campaigns.worded import worded

BATCH_FILES = 200
SUFFIXES = (".xml", ".pdf")


class _DryRun(Exception):
    """Rolls a batch back."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A document that could be read. Its row's only cell is the file's name."""

    raw: RawRow
    content: bytes
    invoice: EInvoice


def find_einvoices(path: Path) -> list[Path]:
    """The file itself, or the XML and PDF files of a folder by name. Raises `FeedError`."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if not found:
        raise FeedError(worded("%(file)s holds no XML and no PDF; name another folder", file=path))
    return found


def import_einvoices(
    database: Database,
    path: Path,
    creditor: str,
    *,
    documents: Documents,
    now: datetime,
    dry_run: bool = False,
    secret: bytes | None = None,
) -> ImportReport:
    """Imports a file or a folder of them and answers what became of it.

    Lines of the report count the files. What cannot be taken stays where it is, with its reason;
    the rest goes in. A dry run writes neither rows nor documents. Raises `FeedError`.
    """
    kept = None if dry_run else documents
    steps = einvoices_in_steps(database, path, creditor, documents=kept, now=now, secret=secret)
    *_, report = steps
    return report


def einvoices_in_steps(
    database: Database,
    path: Path,
    creditor: str,
    *,
    documents: Documents | None,
    now: datetime,
    secret: bytes | None = None,
    kept: Kept | None = None,
    known: ImportReport | None = None,
) -> Iterator[ImportReport]:
    """The same, a batch at a time; the last that it answers is the report. Without `documents` it
    is a dry run. `kept` and `known` are as in `app.book.importing.Options`."""
    with database.read() as session:
        owner = find_owner(session, creditor)
    name, dry_run = path.name, documents is None
    report = ImportReport(file=name, mapping="EN 16931", creditor=creditor, dry_run=dry_run)
    files = find_einvoices(path)
    with Firsts() as firsts:
        run = _Run(database, owner, documents, firsts, report, now, secret, kept, known)
        for part in chunks(list(enumerate(files, start=1)), BATCH_FILES):
            run.take(part)
            yield report


@dataclass(frozen=True, slots=True)
class _Run:
    """One import on its way. Without `documents` it is a dry run."""

    database: Database
    owner: Owner
    documents: Documents | None
    firsts: Firsts
    report: ImportReport
    now: datetime
    secret: bytes | None = None
    kept: Kept | None = None
    known: ImportReport | None = None

    def take(self, files: Sequence[tuple[int, Path]]) -> None:
        """Reads some files and writes what they tell in one transaction."""
        told: list[_Told] = []
        rejects: list[Reject] = []
        for line, path in files:
            found = _read(line, path)
            if isinstance(found, Reject):
                rejects.append(found)
            else:
                told.append(found)
        self.report.rows += len(files)
        with self._transaction() as session:
            hold_off(session, self.owner.id)
            rejects += self._invoices(session, [one for one in told if one.invoice.credits is None])
            notes = [one for one in told if one.invoice.credits is not None]
            rejects += self._credit_notes(session, notes)
            self.report.reject(
                Reject(one.raw, tuple(f"{one.raw.cells[0]}: {reason}" for reason in one.reasons))
                for one in sorted(rejects, key=lambda reject: reject.raw.line)
            )
            keep_batch(session, self.report, self.kept, self.known)

    def _invoices(self, session: Session, told: Sequence[_Told]) -> list[Reject]:
        known = known_ids(session, self.owner.id, [one.invoice.buyer for one in told])
        entries: list[Entry] = []
        rejects: list[Reject] = []
        for one in told:
            external_id = external_id_of(one.invoice.buyer, known)
            if external_id is None:
                rejects.append(Reject(one.raw, (_NAMELESS,)))
            else:
                customer = _customer(external_id, one.invoice.buyer, is_known=external_id in known)
                entries.append(self._entry(one, customer))
        batch = Batch(
            owner=self.owner,
            entries=entries,
            firsts=self.firsts,
            tells_history=False,
            forgets=self.documents is None,
            now=self.now,
            secret=self.secret,
        )
        return rejects + write_batch(session, batch, self.report)

    def _entry(self, one: _Told, customer: CustomerEntry) -> Entry:
        invoice = one.invoice
        notes: list[str] = []
        if invoice.prepaid:
            notes.append(wrong("einvoice_prepaid"))
        if invoice.buyer.email is not None and not customer.points and customer.values:
            notes.append(wrong("einvoice_email"))
        document, problem = self._document(one)
        return Entry(
            raw=one.raw,
            customer=customer,
            invoice=InvoiceEntry(
                external_id=invoice.number,
                amount=invoice.payable,
                due_on=invoice.due_on or invoice.issued_on,
                number=invoice.number,
                order_number=invoice.order_number,
                issued_on=invoice.issued_on,
                debt_class=DebtClass.COMMERCIAL if invoice.buyer.is_business else None,
                limitation_on=None,
                document=document,
                known_on=None,
                payment_reference=invoice.payment_reference,
            ),
            settlement=None,
            dispute=None,
            as_of=None,
            notes=(*notes, *problem),
        )

    def _document(self, one: _Told) -> tuple[str | None, tuple[str, ...]]:
        """Where the file is kept, for the customer to download; or why it is not."""
        if self.documents is None:
            return None, ()
        try:
            return self.documents.keep(one.content, one.raw.cells[0]), ()
        except DocumentRefused as problem:
            return None, (str(problem),)

    def _credit_notes(self, session: Session, told: Sequence[_Told]) -> list[Reject]:
        known = known_ids(session, self.owner.id, [one.invoice.buyer for one in told])
        rejects = []
        for one in told:
            external_id = external_id_of(one.invoice.buyer, known)
            try:
                posted = post_credit_note(
                    session, self.owner, one.invoice, known.get(external_id or ""), now=self.now
                )
            except EInvoiceProblem as problem:
                rejects.append(Reject(one.raw, (str(problem),)))
                continue
            self.report.accepted += 1
            if posted:
                self.report.credit_notes_posted += 1
                self.report.count_money(self.report.credited, one.invoice.payable)
        return rejects

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """One transaction, which a dry run rolls back at its end."""
        try:
            with self.database.write() as session:
                yield session
                if self.documents is None:
                    raise _DryRun
        except _DryRun:
            return


_NAMELESS = wrong("einvoice_buyer")


def _read(line: int, path: Path) -> _Told | Reject:
    raw = RawRow(line, (path.name,))
    try:
        content = read_bytes(path, largest=MOST_BYTES)
        return _Told(raw, content, read_einvoice(content, path.name))
    except (FeedError, EInvoiceProblem) as problem:
        return Reject(raw, (str(problem),))


def _customer(external_id: str, buyer: Buyer, *, is_known: bool) -> CustomerEntry:
    """Of a customer that the book knows an invoice says nothing: the ERP knows it better."""
    if is_known:
        return CustomerEntry(external_id, None, {}, {}, (), ())
    told: Mapping[str, str | None] = {
        "name": buyer.name,
        "country": buyer.country,
        "kind": "business" if buyer.is_business else None,
    }
    values = {key: value for key, value in told.items() if value is not None}
    return CustomerEntry(external_id, None, values, {}, _points(buyer), ())


def _points(buyer: Buyer) -> tuple[PointEntry, ...]:
    if buyer.email is None:
        return ()
    try:
        mailbox = canonical_email(buyer.email)
    except AddressError:
        return ()
    return (PointEntry(AddressKind.EMAIL, mailbox, (Medium.EMAIL,)),)
