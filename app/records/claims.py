"""What an erased customer's claim still needs, and what goes once nothing is open any more.

While money is open, the files of the invoices prove the claim, and the payer's account tells whose
money comes in. When it is over the amounts and the numbers are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, exists, func, or_, select, update
from sqlmodel import Session

from app.store.bulk import GIVEN, chunks, rows_given, table_of
from app.store.columns import NOTHING
from app.store.documents import is_reference
from app.store.rows import BankEntry, Customer, Invoice, Payment, Reversal

_CUSTOMER, _INVOICE = table_of(Customer), table_of(Invoice)
_ENTRY, _PAYMENT, _REVERSAL = table_of(BankEntry), table_of(Payment), table_of(Reversal)


def entries_of(customers: Any) -> ColumnElement[bool]:
    """Bank entries that were booked as money of these customers (a list, a bind or a column)."""
    paid = select(_PAYMENT.c.id).where(_PAYMENT.c.customer_id.in_(customers))
    returned = select(_REVERSAL.c.id).where(_REVERSAL.c.customer_id.in_(customers))
    return or_(_ENTRY.c.payment_id.in_(paid), _ENTRY.c.reversal_id.in_(returned))


def over() -> Select[Any]:
    """Erased customers who owe nothing and of whom something is left that only a claim needs."""
    customer_id = _CUSTOMER.c.id
    paid = exists().where(
        _PAYMENT.c.customer_id == customer_id,
        _ENTRY.c.payment_id == _PAYMENT.c.id,
        _ENTRY.c.payer_account.is_not(None),
    )
    returned = exists().where(
        _REVERSAL.c.customer_id == customer_id,
        _ENTRY.c.reversal_id == _REVERSAL.c.id,
        _ENTRY.c.payer_account.is_not(None),
    )
    filed = exists().where(_INVOICE.c.customer_id == customer_id, _INVOICE.c.document.is_not(None))
    return select(_CUSTOMER.c.id).where(
        _CUSTOMER.c.erased_at.is_not(None),
        ~_owes(customer_id),
        or_(filed, paid, returned),
    )


def let_go_of_claims(session: Session, customer_ids: Sequence[int]) -> tuple[str, ...]:
    """Takes off what only a claim needed, of those who owe nothing. Answers the references of the
    files that no invoice names any more: whoever commits drops them then."""
    free = [row.id for row in rows_given(session, _FREE, customer_ids)]
    named = {row.document for row in rows_given(session, _FILES, free)}
    for statement in (_NO_ACCOUNTS, _NO_FILES):
        session.connection().execute(statement, {"given": free})
    digests = {_digest(each): each for each in named if is_reference(each)}
    still = {
        row.digest
        for part in chunks(sorted(digests))
        for row in session.connection().execute(_NAMED, {"given": part})
    }
    return tuple(digests[each] for each in sorted(digests.keys() - still))


def _owes(customer_id: ColumnElement[int]) -> ColumnElement[bool]:
    return exists().where(_INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > NOTHING)


def _digest(reference: str) -> str:
    return reference.partition("/")[0]


_FREE = select(_CUSTOMER.c.id).where(_CUSTOMER.c.id.in_(GIVEN), ~_owes(_CUSTOMER.c.id))
_FILES = (
    select(_INVOICE.c.document)
    .where(_INVOICE.c.customer_id.in_(GIVEN), _INVOICE.c.document.is_not(None))
    .distinct()
)
_NO_FILES = update(_INVOICE).where(_INVOICE.c.customer_id.in_(GIVEN)).values(document=None)
_NO_ACCOUNTS = update(_ENTRY).where(entries_of(GIVEN)).values(payer_account=None)
_START = func.substr(_INVOICE.c.document, 1, len("sha256:") + 64, type_=String)
_NAMED = select(_START.label("digest")).where(_START.in_(GIVEN)).distinct()
