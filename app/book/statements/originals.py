"""Finds the payment that went back: by the payer's own id, else by the invoices that it settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import Session

from app.book.statements.matching import Debts
from app.book.statements.references import named_in_reference, named_in_text
from app.book.statements.statement import BankEntryIn
from app.store.given import table_of
from app.store.rows import Allocation, BankEntry, Payment

_ALLOCATION, _ENTRY, _PAYMENT = table_of(Allocation), table_of(BankEntry), table_of(Payment)


@dataclass(frozen=True, slots=True)
class Original:
    payment_id: int
    customer_id: int


def find_originals(
    session: Session, creditor_id: int, entry: BankEntryIn, debts: Debts
) -> list[Original]:
    """The payments that `entry` may take back. One is certain; several are for a person."""
    if entry.end_to_end_id is not None or entry.bank_id is not None:
        found = _run(session, _by_id(creditor_id, entry), entry)
        if found:
            return found
    invoice_ids = _named(entry, debts)
    return _run(session, _by_invoices(creditor_id, invoice_ids), entry) if invoice_ids else []


def _run(session: Session, query: Select[Any], entry: BankEntryIn) -> list[Original]:
    same = query.where(
        _PAYMENT.c.currency == entry.amount.currency,
        _PAYMENT.c.amount_minor == entry.amount.minor,
        _PAYMENT.c.paid_on <= entry.booked_on,
    )
    rows = session.connection().execute(same.distinct().order_by(_PAYMENT.c.id).limit(5))
    return [Original(row.id, row.customer_id) for row in rows]


def _by_id(creditor_id: int, entry: BankEntryIn) -> Select[Any]:
    ids = [told for told in (entry.end_to_end_id, entry.bank_id) if told is not None]
    return (
        select(_PAYMENT.c.id, _PAYMENT.c.customer_id)
        .join_from(_PAYMENT, _ENTRY, _ENTRY.c.payment_id == _PAYMENT.c.id, isouter=True)
        .where(
            _PAYMENT.c.creditor_id == creditor_id,
            or_(
                _ENTRY.c.end_to_end_id.in_(ids),
                _ENTRY.c.bank_id.in_(ids),
                _PAYMENT.c.reference.in_(ids),
            ),
        )
    )


def _by_invoices(creditor_id: int, invoice_ids: Sequence[int]) -> Select[Any]:
    return (
        select(_PAYMENT.c.id, _PAYMENT.c.customer_id)
        .join_from(_PAYMENT, _ALLOCATION, _ALLOCATION.c.payment_id == _PAYMENT.c.id)
        .where(_PAYMENT.c.creditor_id == creditor_id, _ALLOCATION.c.invoice_id.in_(invoice_ids))
    )


def _named(entry: BankEntryIn, debts: Debts) -> list[int]:
    """The invoices that the entry names beyond doubt, settled or not."""
    numbers, _ = named_in_text(entry.text, debts.knows)
    for reference in entry.references:
        numbers |= named_in_reference(reference, debts.knows)
    return [debt.invoice_id for named in debts.of_numbers(numbers).values() for debt in named]
