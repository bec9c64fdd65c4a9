"""Gives an entry that waits to the customer whose it is, or to the payment that it took back; or
puts it aside, when it is neither.

The same way into the ledger as an entry that was certain, and once: an entry that is booked stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlmodel import Session

from app.book.errors import LedgerError
from app.book.holders import hold
from app.book.payments import PaymentPosted, post_payment
from app.book.reversals import ReversalPosted, post_reversal
from app.book.statements.entry_rows import payment_of, reversal_of, task_key
from app.book.statements.originals import Original
from app.book.statements.statement import BankEntryIn, Direction
from app.store.bulk import lock_rows, update_rows
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import BankEntry, Customer, Invoice, Payment, Task
from campaigns.money import Money

_CUSTOMER, _ENTRY = table_of(Customer), table_of(BankEntry)
_INVOICE, _PAYMENT, _TASK = table_of(Invoice), table_of(Payment), table_of(Task)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose an entry may be, as its task names it, with numbers that people know."""

    customer_id: int
    customer: str
    invoice_ids: tuple[int, ...]
    invoices: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry that is not booked. The payer's own words are for the person who decides."""

    id: int
    kind: str
    state: str
    amount: Money
    booked_on: date
    payer: str | None
    text: str | None
    choices: tuple[Choice, ...]
    payment_ids: tuple[int, ...]


def open_entries(session: Session, creditor_id: int, *, most: int = 200) -> list[OpenEntry]:
    """What waits and what is unmatched, the oldest first."""
    query = (
        select(_ENTRY)
        .where(_ENTRY.c.creditor_id == creditor_id, _ENTRY.c.settled_at.is_(None))
        .order_by(_ENTRY.c.booked_on, _ENTRY.c.id)
        .limit(most)
    )
    return shown_entries(session, session.connection().execute(query).all())


def shown_entries(session: Session, rows: Sequence[Row[Any]]) -> list[OpenEntry]:
    """These rows of entries, with whose they may be."""
    details = _details(session, rows)
    names, numbers = _names(session, details.values())
    return [_open(row, details.get(task_key(row.key), {}), names, numbers) for row in rows]


def assign_payment(
    session: Session,
    entry_id: int,
    *,
    customer_id: int,
    invoice_ids: Sequence[int] = (),
    now: datetime,
) -> PaymentPosted:
    """Posts an entry as this customer's payment; the named invoices are settled first.

    Raises `LedgerError` for an entry that is booked or no credit, and for a customer of another
    creditor; `UnknownCustomer`.
    """
    holder = hold(session, [customer_id])[customer_id]
    row = _locked(session, entry_id)
    _check_kind(row, "payment")
    if holder.creditor_id != row.creditor_id:
        raise LedgerError("the customer is another creditor's; name one of the account's own")
    payment = payment_of(row.key, _entry(row), customer_id, invoice_ids, now)
    posted = post_payment(session, payment, now=now)
    _close(session, row, now, "booked", payment_id=posted.payment_id)
    return posted


def assign_return(
    session: Session, entry_id: int, *, payment_id: int, now: datetime
) -> ReversalPosted:
    """Posts an entry as what went back of this payment. Raises `LedgerError`."""
    query = select(_PAYMENT.c.customer_id, _PAYMENT.c.creditor_id).where(
        _PAYMENT.c.id == payment_id
    )
    payment = session.connection().execute(query).one_or_none()
    if payment is None:
        raise LedgerError(f"there is no payment {payment_id}; look at the entry's task")
    hold(session, [payment.customer_id])
    row = _locked(session, entry_id)
    _check_kind(row, "reversal")
    if payment.creditor_id != row.creditor_id:
        raise LedgerError("the payment is another creditor's; name one of the account's own")
    original = Original(payment_id, payment.customer_id)
    posted = post_reversal(session, reversal_of(row.key, _entry(row), original, now), now=now)
    if posted.reversal_id is None:
        raise LedgerError(f"nothing is left of payment {payment_id}; name another")
    _close(session, row, now, "booked", reversal_id=posted.reversal_id)
    return posted


def put_aside(session: Session, entry_id: int, *, now: datetime) -> None:
    """Says that an entry is no customer's: interest, a provider's payout. It can be assigned later.

    Raises `LedgerError`.
    """
    _close(session, _locked(session, entry_id), now, "aside")


def find_customer(session: Session, creditor_id: int, external_id: str) -> int:
    """Raises `LedgerError` when the creditor has no such customer."""
    query = select(_CUSTOMER.c.id).where(
        _CUSTOMER.c.creditor_id == creditor_id, _CUSTOMER.c.external_id == external_id
    )
    found = session.connection().execute(query).scalar()
    if found is None:
        raise LedgerError(f"there is no customer {external_id}; import the customer first")
    return int(found)


def find_invoices(session: Session, customer_id: int, numbers: Sequence[str]) -> list[int]:
    """The customer's invoices of these numbers, in their order. Raises `LedgerError`."""
    found = []
    for number in numbers:
        named = or_(_INVOICE.c.number == number, _INVOICE.c.external_id == number)
        query = select(_INVOICE.c.id).where(_INVOICE.c.customer_id == customer_id, named)
        ids = list(session.connection().execute(query).scalars())
        if not ids:
            raise LedgerError(f"the customer has no invoice {number}; check the number")
        found += ids
    return found


def _details(session: Session, rows: Sequence[Row[Any]]) -> dict[str, dict[str, Any]]:
    """What their tasks say, by the keys of the tasks."""
    query = select(_TASK.c.key, _TASK.c.detail).where(
        _TASK.c.key.in_([task_key(row.key) for row in rows])
    )
    return {row.key: row.detail for row in session.connection().execute(query)}


def _locked(session: Session, entry_id: int) -> Row[Any]:
    lock_rows(session, BankEntry, [entry_id])
    row = session.connection().execute(select(_ENTRY).where(_ENTRY.c.id == entry_id)).one_or_none()
    if row is None:
        raise LedgerError(f"there is no bank entry {entry_id}; list those that are open")
    if row.state == "booked":
        raise LedgerError(f"bank entry {entry_id} is booked already; reverse its payment instead")
    return row


def _check_kind(row: Row[Any], kind: str) -> None:
    if row.kind != kind:
        raise LedgerError(f"bank entry {row.id} is a {row.kind}; assign it as one")


def _close(session: Session, row: Row[Any], now: datetime, state: str, **ids: int | None) -> None:
    update_rows(session, BankEntry, [{"id": row.id, "state": state, "settled_at": now, **ids}])
    session.connection().execute(
        update(_TASK)
        .where(_TASK.c.key == task_key(row.key), _TASK.c.state == word("open"))
        .values(state="done", done_at=now)
    )


def _entry(row: Row[Any]) -> BankEntryIn:
    """The entry as it was told."""
    payment = row.kind == "payment"
    return BankEntryIn(
        place="",
        direction=Direction.CREDIT if payment else Direction.CREDIT_REVERSED,
        amount=Money(row.amount_minor, row.currency),
        booked_on=row.booked_on,
        end_to_end_id=row.end_to_end_id,
        references=(row.reference,) if row.reference else (),
        text=row.text or "",
    )


def _names(
    session: Session, details: Iterable[dict[str, Any]]
) -> tuple[dict[int, str], dict[int, str]]:
    """External ids of the candidates, and numbers of their invoices."""
    candidates = [one for detail in details for one in detail.get("candidates", ())]
    customers = select(_CUSTOMER.c.id, _CUSTOMER.c.external_id).where(
        _CUSTOMER.c.id.in_({one["customer_id"] for one in candidates})
    )
    invoices = select(_INVOICE.c.id, _INVOICE.c.number).where(
        _INVOICE.c.id.in_({number for one in candidates for number in one["invoice_ids"]})
    )
    connection = session.connection()
    names = {row.id: row.external_id for row in connection.execute(customers)}
    return names, {row.id: row.number for row in connection.execute(invoices)}


def _open(
    row: Row[Any], detail: dict[str, Any], names: dict[int, str], numbers: dict[int, str]
) -> OpenEntry:
    choices = tuple(
        Choice(
            customer_id=one["customer_id"],
            customer=names[one["customer_id"]],
            invoice_ids=tuple(one["invoice_ids"]),
            invoices=tuple(numbers[invoice_id] for invoice_id in one["invoice_ids"]),
            score=one["score"],
        )
        for one in detail.get("candidates", ())
    )
    return OpenEntry(
        id=row.id,
        kind=row.kind,
        state=row.state,
        amount=Money(row.amount_minor, row.currency),
        booked_on=row.booked_on,
        payer=row.payer,
        text=row.text,
        choices=choices,
        payment_ids=tuple(detail.get("payment_ids", ())),
    )
