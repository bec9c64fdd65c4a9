"""Loads what the entries of a statement may be meant for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlmodel import Session
from stdnum import iso11649

from app.book.statements.matching import Debt, Debtor, Debts
from app.book.statements.statement import BankEntryIn
from app.store.columns import NOTHING
from app.store.given import chunks, table_of
from app.store.rows import BankEntry, Customer, Invoice, Payment

_CUSTOMER, _ENTRY = table_of(Customer), table_of(BankEntry)
_INVOICE, _PAYMENT = table_of(Invoice), table_of(Payment)
_WRITTEN = re.compile(r"[^\s,;:()]+")


def load_debts(session: Session, creditor_id: int, entries: Sequence[BankEntryIn]) -> Debts:
    """All that is open, the settled invoices that entries name, and who paid from which account."""
    columns = (
        _INVOICE.c.id,
        _INVOICE.c.customer_id,
        _INVOICE.c.external_id,
        _INVOICE.c.number,
        _INVOICE.c.payment_reference,
        _INVOICE.c.currency,
        _INVOICE.c.open_minor,
    )
    own = select(*columns).where(_INVOICE.c.creditor_id == creditor_id)
    queries = [own.where(_INVOICE.c.open_minor > NOTHING)]
    for part in chunks(sorted(_written(entries))):
        named = or_(
            _INVOICE.c.number.in_(part),
            _INVOICE.c.external_id.in_(part),
            _INVOICE.c.payment_reference.in_(part),
        )
        queries.append(own.where(_INVOICE.c.open_minor == 0, named))
    debts = [
        Debt(
            row.id,
            row.customer_id,
            _numbers(row.number, row.external_id, row.payment_reference),
            row.currency,
            row.open_minor,
        )
        for query in queries
        for row in session.connection().execute(query)
    ]
    return Debts(debts, _debtors(session, creditor_id, entries))


def _numbers(number: str, external_id: str, told: str | None) -> tuple[str, ...]:
    """What a payer may call the invoice. Of an ISO 11649 reference, what its check digits guard."""
    if not told:
        return (number, external_id)
    payload = (iso11649.compact(told)[4:],) if iso11649.is_valid(told) else ()
    return (number, external_id, told, *payload)


def _debtors(
    session: Session, creditor_id: int, entries: Sequence[BankEntryIn]
) -> Iterable[Debtor]:
    accounts = _accounts(session, creditor_id, entries)
    query = select(_CUSTOMER.c.id, _CUSTOMER.c.external_id, _CUSTOMER.c.name).where(
        _CUSTOMER.c.creditor_id == creditor_id
    )
    for row in session.connection().execute(query):
        used = frozenset(accounts.get(row.id, ()))
        yield Debtor(row.id, row.external_id, row.name, used)


def _accounts(
    session: Session, creditor_id: int, entries: Sequence[BankEntryIn]
) -> dict[int, set[str]]:
    """Which of these entries' accounts have paid for whom before."""
    asked = sorted({entry.payer_account for entry in entries if entry.payer_account})
    found: dict[int, set[str]] = defaultdict(set)
    for part in chunks(asked):
        query = (
            select(_PAYMENT.c.customer_id, _ENTRY.c.payer_account)
            .join_from(_ENTRY, _PAYMENT, _PAYMENT.c.id == _ENTRY.c.payment_id)
            .where(_ENTRY.c.creditor_id == creditor_id, _ENTRY.c.payer_account.in_(part))
            .distinct()
        )
        for row in session.connection().execute(query):
            found[row.customer_id].add(row.payer_account)
    return found


def _written(entries: Iterable[BankEntryIn]) -> set[str]:
    """Every word of the entries, as a settled invoice may be numbered."""
    words: set[str] = set()
    for entry in entries:
        words.update(entry.references, _WRITTEN.findall(entry.text))
    return words
