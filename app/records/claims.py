"""What an erased customer's claim still needs, and what goes once nothing is open any more.

While money is open, the files of the invoices prove the claim, what the customer handed in proves
that it was paid, and the payer's account tells whose money comes in. When it is over the amounts
and the numbers are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, update
from sqlmodel import Session

from app.records.files import unnamed
from app.store.columns import NOTHING
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import BankEntry, Customer, Invoice, Payment, Proof, Reversal

_CUSTOMER, _INVOICE = table_of(Customer), table_of(Invoice)
_ENTRY, _PAYMENT, _REVERSAL = table_of(BankEntry), table_of(Payment), table_of(Reversal)
_PROOF = table_of(Proof)


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
    proved = exists().where(_PROOF.c.customer_id == customer_id, _IS_TOLD)
    return select(_CUSTOMER.c.id).where(
        _CUSTOMER.c.erased_at.is_not(None),
        ~_owes(customer_id),
        or_(filed, proved, paid, returned),
    )


def let_go_of_claims(session: Session, customer_ids: Sequence[int]) -> tuple[str, ...]:
    """Takes off what only a claim needed, of those who owe nothing. Answers the references of the
    files that nothing names any more: whoever commits drops them then."""
    free = [row.id for row in rows_given(session, _FREE, customer_ids)]
    named = {row.document for query in _FILES for row in rows_given(session, query, free)}
    for statement in (_NO_ACCOUNTS, _NO_FILES, _NO_PROOFS):
        session.connection().execute(statement, {"given": free})
    return unnamed(session, named)


def _owes(customer_id: ColumnElement[int]) -> ColumnElement[bool]:
    return exists().where(_INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > NOTHING)


_IS_TOLD = or_(
    *(_PROOF.c[name].is_not(None) for name in ("document", "paid_on", "method", "amount_minor"))
)
_FREE = select(_CUSTOMER.c.id).where(_CUSTOMER.c.id.in_(GIVEN), ~_owes(_CUSTOMER.c.id))
_FILES = tuple(
    select(table.c.document)
    .where(table.c.customer_id.in_(GIVEN), table.c.document.is_not(None))
    .distinct()
    for table in (_INVOICE, _PROOF)
)
_NO_FILES = update(_INVOICE).where(_INVOICE.c.customer_id.in_(GIVEN)).values(document=None)
_NO_PROOFS = (
    update(_PROOF)
    .where(_PROOF.c.customer_id.in_(GIVEN))
    .values(document=None, paid_on=None, method=None, currency=None, amount_minor=None)
)
_NO_ACCOUNTS = update(_ENTRY).where(entries_of(GIVEN)).values(payer_account=None)
