"""Writes one batch of entries into the book: people first, then what they owe, then money."""

from __future__ import annotations

from sqlmodel import Session

from app.book.batches.invoices import leave_out_repeated, write_invoices
from app.book.batches.people import leave_out_unknown, write_people
from app.book.batches.postings import write_credit_notes, write_payments, write_reversals
from app.book.batches.work import Batch, Work
from app.book.entries.shapes import Reject
from app.book.report import ImportReport


def write_batch(session: Session, batch: Batch, report: ImportReport) -> list[Reject]:
    """Writes the entries and counts what they changed. Answers those that the book refused."""
    work = Work(session, batch, report)
    leave_out_repeated(work)
    leave_out_unknown(work)
    write_people(work)
    write_invoices(work)
    write_payments(work)
    write_credit_notes(work)
    write_reversals(work)
    report.accepted += len(batch.entries) - len(work.refused)
    return list(work.refused.values())
