"""Posts an electronic credit note: it settles the invoice that it names, without money."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session

from app.book.customers import Owner
from app.book.einvoices.einvoice import EInvoice, EInvoiceProblem
from app.book.reversals import ReversalIn, ReversalKind, post_reversal
from app.book.wrongs import wrong
from app.store.given import table_of
from app.store.rows import Invoice
from campaigns.keys import derive

_INVOICE = table_of(Invoice)


def post_credit_note(
    session: Session, owner: Owner, note: EInvoice, customer_id: int | None, *, now: datetime
) -> bool:
    """Posts it once; answers whether it was new. Without a named invoice the oldest due is settled.

    Raises `EInvoiceProblem`.
    """
    if customer_id is None:
        raise EInvoiceProblem(wrong("credits_stranger"))
    if not note.payable.minor:
        raise EInvoiceProblem(wrong("credits_nothing"))
    reversal = ReversalIn(
        key=derive("credit note", owner.external_id, customer_id, note.number),
        kind=ReversalKind.CREDIT_NOTE,
        customer_id=customer_id,
        amount=note.payable,
        reversed_on=note.issued_on,
        received_at=now,
        invoice_id=_credited(session, customer_id, note),
    )
    return post_reversal(session, reversal, now=now).reversal_id is not None


def _credited(session: Session, customer_id: int, note: EInvoice) -> int | None:
    numbers = note.credits or ()
    if not numbers:
        return None
    if len(numbers) > 1:
        raise EInvoiceProblem(wrong("credits_several"))
    named = or_(_INVOICE.c.number == numbers[0], _INVOICE.c.external_id == numbers[0])
    query = select(_INVOICE.c.id, _INVOICE.c.currency).where(
        _INVOICE.c.customer_id == customer_id, named
    )
    found = session.connection().execute(query).all()
    if len(found) != 1:
        raise EInvoiceProblem(wrong("credits_unknown"))
    if found[0].currency != note.payable.currency:
        raise EInvoiceProblem(wrong("credits_currency"))
    return int(found[0].id)
