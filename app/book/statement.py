"""A customer's ledger in the order of its days, each currency by itself. It only reads.

balance   what is open less what is credit: every entry moves it by its own amount
shares    what a payment, credit note or discount settled; they move no balance
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Allocation, Invoice, Payment, Reversal
from campaigns.calendar import local_date
from campaigns.money import Money

_ALLOCATION, _INVOICE = table_of(Allocation), table_of(Invoice)
_PAYMENT, _REVERSAL = table_of(Payment), table_of(Reversal)


class EntryKind(StrEnum):
    """What moved the balance; on one day in this order."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT_NOTE = "credit_note"
    DISCOUNT = "discount"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    RETURNED_DEBIT = "returned_debit"
    DISCOUNT_WITHDRAWN = "discount_withdrawn"


_SETTLING = frozenset({EntryKind.CREDIT_NOTE, EntryKind.DISCOUNT})
_ORDER = {kind: place for place, kind in enumerate(EntryKind)}


@dataclass(frozen=True, slots=True)
class Share:
    """What an entry settled of an invoice; negative when it opened it again."""

    number: str
    amount: Money

    @property
    def reopens(self) -> bool:
        return self.amount.minor < 0

    @property
    def size(self) -> Money:
        """The amount without its sign."""
        return Money(abs(self.amount.minor), self.amount.currency)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. A positive `amount` is owed, a negative one was paid or credited.

    `id` is that of the row behind it. An invoice has its number, due date and document; a payment
    has its reference.
    """

    kind: EntryKind
    id: int
    on: date
    amount: Money
    number: str | None = None
    due_on: date | None = None
    document: str | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An entry and the balance after it."""

    entry: Entry
    balance: Money


@dataclass(frozen=True, slots=True)
class Sheet:
    """The statement in one currency. What lies before its first day is in `opening`."""

    opening: Money
    lines: tuple[Line, ...]

    @property
    def currency(self) -> str:
        return self.opening.currency

    @property
    def closing(self) -> Money:
        return self.lines[-1].balance if self.lines else self.opening


def statement(
    session: Session, customer_id: int, zone: ZoneInfo, *, since: date | None = None
) -> tuple[Sheet, ...]:
    """The customer's sheets, by currency. Entries before `since` are summed up as opening balance.

    An invoice stands on the day when it was issued; where that is not known, when the book told us
    of it, but not later than it fell due.
    """
    by_currency: dict[str, list[Entry]] = defaultdict(list)
    for entry in _entries(session, customer_id, zone):
        by_currency[entry.amount.currency].append(entry)
    return tuple(_sheet(code, by_currency[code], since) for code in sorted(by_currency))


def _sheet(currency: str, entries: Iterable[Entry], since: date | None) -> Sheet:
    ordered = sorted(entries, key=lambda entry: (entry.on, _ORDER[entry.kind], entry.id))
    shown = [entry for entry in ordered if since is None or entry.on >= since]
    before = ordered[: len(ordered) - len(shown)]
    opening = sum((entry.amount for entry in before), Money(0, currency))
    balances = list(accumulate((entry.amount for entry in shown), initial=opening))
    return Sheet(opening, tuple(map(Line, shown, balances[1:])))


def _entries(session: Session, customer_id: int, zone: ZoneInfo) -> list[Entry]:
    by_payment, by_reversal = _shares(session, customer_id)
    invoices = session.connection().execute(_of(_INVOICE, customer_id))
    payments = session.connection().execute(_of(_PAYMENT, customer_id))
    reversals = session.connection().execute(_of(_REVERSAL, customer_id))
    return [
        *(_invoice(row, zone) for row in invoices),
        *(_payment(row, by_payment.get(row.id, ())) for row in payments),
        *(_reversal(row, by_reversal.get(row.id, ())) for row in reversals),
    ]


def _of(table: Any, customer_id: int) -> Select[Any]:
    return select(table).where(table.c.customer_id == customer_id)


def _shares(
    session: Session, customer_id: int
) -> tuple[Mapping[int, Sequence[Share]], Mapping[int, Sequence[Share]]]:
    """What each payment settled, and each reversal settled or opened again."""
    columns = _ALLOCATION.c
    query = (
        select(
            columns.payment_id, columns.reversal_id, columns.amount_minor,
            _INVOICE.c.number, _INVOICE.c.currency,
        )
        .join_from(_ALLOCATION, _INVOICE)
        .where(_INVOICE.c.customer_id == customer_id)
        .order_by(columns.id)
    )  # fmt: skip
    by_payment: dict[int, list[Share]] = defaultdict(list)
    by_reversal: dict[int, list[Share]] = defaultdict(list)
    for row in session.connection().execute(query):
        share = Share(row.number, Money(row.amount_minor, row.currency))
        # What a reversal takes back names its payment as well; the entry is the reversal's.
        if row.reversal_id is not None:
            by_reversal[row.reversal_id].append(share)
        else:
            by_payment[row.payment_id].append(share)
    return by_payment, by_reversal


def _invoice(row: Any, zone: ZoneInfo) -> Entry:
    return Entry(
        kind=EntryKind.INVOICE,
        id=row.id,
        on=row.issued_on or min(row.due_on, local_date(row.known_at, zone)),
        amount=Money(row.amount_minor, row.currency),
        number=row.number,
        due_on=row.due_on,
        document=row.document,
    )


def _payment(row: Any, shares: Sequence[Share]) -> Entry:
    amount = Money(-row.amount_minor, row.currency)
    return Entry(
        EntryKind.PAYMENT, row.id, row.paid_on, amount, row.reference, shares=tuple(shares)
    )


def _reversal(row: Any, shares: Sequence[Share]) -> Entry:
    kind = EntryKind(row.kind)
    minor = -row.amount_minor if kind in _SETTLING else row.amount_minor
    return Entry(kind, row.id, row.reversed_on, Money(minor, row.currency), shares=tuple(shares))
