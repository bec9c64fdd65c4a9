"""What the late invoices of customers come to in charges, and what of that was claimed.

It only reads. A charge bears none itself; what is disputed or past its limitation date is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, func, or_, select
from sqlmodel import Session

from app.book.charges.rates import known_rates
from app.book.charges.terms import ChargeKind, ChargeTerms
from app.book.disputes import CARVED_OUT
from app.book.packs import published_packs
from app.store.columns import NOTHING
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Allocation, Charge, Customer, Dispute, Hold, Invoice, Payment, Reversal
from campaigns.calendar import local_date
from campaigns.charges import (
    Charges,
    ChargesRefused,
    Freeze,
    LateInvoice,
    Move,
    Statute,
    charges,
)
from campaigns.duties import Frozen
from campaigns.duties import Hold as HoldRule
from campaigns.money import Money
from campaigns.rules import Pack
from campaigns.signing import of_creditor
from campaigns.statutes import statute
from campaigns.vocabulary import DebtClass

_INSTANT = timedelta(microseconds=1)
"""A hold that ends as a day begins does not hold that day."""
_ALLOCATION, _CHARGE, _CUSTOMER = table_of(Allocation), table_of(Charge), table_of(Customer)
_DISPUTE, _HOLD, _INVOICE = table_of(Dispute), table_of(Hold), table_of(Invoice)
_PAYMENT, _REVERSAL = table_of(Payment), table_of(Reversal)


@dataclass(frozen=True, slots=True)
class Law:
    """What gives charges, and which holds freeze them."""

    statute: Statute
    freezing: Mapping[str, frozenset[Frozen]]


@dataclass(frozen=True, slots=True)
class Assessed:
    """One late invoice: its charges, or why there are none, and what was claimed before."""

    invoice: Row[Any]
    charges: Charges | None
    refused: ChargesRefused | None
    claimed: Mapping[ChargeKind, int]
    posted: Mapping[ChargeKind, int]  # how many rows each kind has

    def due(self, kind: ChargeKind) -> Money:
        """What the law gives of a kind."""
        currency = self.invoice.currency
        if self.charges is None:
            return Money(0, currency)
        if kind is ChargeKind.INTEREST:
            return self.charges.interest
        return self.charges.cost.amount if self.charges.cost else Money(0, currency)

    def unclaimed(self, kind: ChargeKind) -> Money:
        """What may still be claimed; never negative."""
        due = self.due(kind)
        return Money(max(0, due.minor - self.claimed.get(kind, 0)), due.currency)


def law_of(session: Session, terms: ChargeTerms) -> Law:
    """The published rows under the creditor's law, and the rates that are known."""
    packs = of_creditor(published_packs(session), "")  # charges are of the law alone
    return Law(statute(terms.law, packs, known_rates(session)), _freezing(terms.law, packs))


def assess(
    session: Session,
    law: Law,
    customer_ids: Sequence[int],
    on: date,
    zone: ZoneInfo,
    *,
    paid_from: date | None = None,
) -> list[Assessed]:
    """The late invoices of these customers at the end of `on`, the oldest due first: those that
    are open and, from `paid_from` on, those that were paid since, after they fell due."""
    asked = {"since": paid_from or date.max}
    known = rows_given(session, _LATE, customer_ids, **asked)
    invoices = [row for row in known if row.due_on < on]
    ids = [row.id for row in invoices]
    moves, claimed = _moves(session, ids), _claimed(session, ids)
    frozen = _frozen(session, law, customer_ids, on, zone)
    found = []
    for row in invoices:
        sums, rows = claimed.get(row.id, ({}, {}))
        late = _late(row, moves.get(row.id, ()))
        try:
            worked = charges(late, law.statute, on, frozen=frozen.get(row.customer_id, ()))
        except ChargesRefused as refused:
            found.append(Assessed(row, None, refused, sums, rows))
        else:
            found.append(Assessed(row, worked, None, sums, rows))
    return found


_IS_CHARGE = select(_CHARGE.c.id).where(_CHARGE.c.invoice_id == _INVOICE.c.id).exists()
_IS_DISPUTED = (
    select(_DISPUTE.c.id)
    .where(_DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state.in_(CARVED_OUT))
    .exists()
)
PAID_LATE = (
    select(_ALLOCATION.c.id)
    .join(_PAYMENT, _PAYMENT.c.id == _ALLOCATION.c.payment_id)
    .where(
        _ALLOCATION.c.invoice_id == _INVOICE.c.id,
        _ALLOCATION.c.amount_minor > NOTHING,
        _PAYMENT.c.paid_on > _INVOICE.c.due_on,
        _PAYMENT.c.paid_on >= bindparam("since"),
    )
    .exists()
)
"""Paid, in part or wholly, after it fell due and not before the day `since`."""
_LATE = (
    select(_INVOICE)
    .where(
        _INVOICE.c.customer_id.in_(GIVEN),
        or_(_INVOICE.c.open_minor > NOTHING, PAID_LATE),
        ~_IS_CHARGE,
        ~_IS_DISPUTED,
    )
    .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
)
_MOVES = (
    select(
        _ALLOCATION.c.invoice_id,
        func.coalesce(_REVERSAL.c.reversed_on, _PAYMENT.c.paid_on).label("on"),
        _ALLOCATION.c.amount_minor,
    )
    .join_from(_ALLOCATION, _PAYMENT, _ALLOCATION.c.payment_id == _PAYMENT.c.id, isouter=True)
    .join(_REVERSAL, _ALLOCATION.c.reversal_id == _REVERSAL.c.id, isouter=True)
    .where(_ALLOCATION.c.invoice_id.in_(GIVEN))
    .order_by(_ALLOCATION.c.id)
)
_CLAIMED = (
    select(
        _CHARGE.c.late_invoice_id,
        _CHARGE.c.kind,
        func.sum(_INVOICE.c.amount_minor).label("minor"),
        func.count().label("rows"),
    )
    .join_from(_CHARGE, _INVOICE, _CHARGE.c.invoice_id == _INVOICE.c.id)
    .where(_CHARGE.c.late_invoice_id.in_(GIVEN))
    .group_by(_CHARGE.c.late_invoice_id, _CHARGE.c.kind)
)
_HOLDS = (
    select(
        _CUSTOMER.c.id, _HOLD.c.kind, _HOLD.c.placed_at, _HOLD.c.until, _HOLD.c.released_at
    )
    .join_from(_CUSTOMER, _HOLD, _HOLD.c.person_id == _CUSTOMER.c.person_id)
    .where(_CUSTOMER.c.id.in_(GIVEN))
)  # fmt: skip


def _moves(session: Session, invoice_ids: Sequence[int]) -> dict[int, list[Move]]:
    found: dict[int, list[Move]] = defaultdict(list)
    for row in rows_given(session, _MOVES, invoice_ids):
        found[row.invoice_id].append(Move(row.on, -row.amount_minor))
    return found


def _claimed(
    session: Session, invoice_ids: Sequence[int]
) -> dict[int, tuple[dict[ChargeKind, int], dict[ChargeKind, int]]]:
    found: dict[int, tuple[dict[ChargeKind, int], dict[ChargeKind, int]]] = {}
    for row in rows_given(session, _CLAIMED, invoice_ids):
        sums, rows = found.setdefault(row.late_invoice_id, ({}, {}))
        sums[ChargeKind(row.kind)], rows[ChargeKind(row.kind)] = int(row.minor), row.rows
    return found


def _late(row: Row[Any], moves: Sequence[Move]) -> LateInvoice:
    return LateInvoice(
        row.amount_minor, row.currency, row.due_on, DebtClass(row.debt_class), tuple(moves)
    )


def _freezing(law: str, packs: Sequence[Pack]) -> dict[str, frozenset[Frozen]]:
    """By the kind of hold, which is the word of the signal."""
    return {
        str(rule.signal): rule.freezes
        for pack in packs
        if law in pack.countries
        for rule in pack.rules
        if isinstance(rule, HoldRule) and rule.freezes
    }


def _frozen(
    session: Session, law: Law, customer_ids: Sequence[int], on: date, zone: ZoneInfo
) -> dict[int, list[Freeze]]:
    found: dict[int, list[Freeze]] = defaultdict(list)
    for row in rows_given(session, _HOLDS, customer_ids):
        if row.kind in law.freezing:
            ended_at = row.released_at or row.until
            last_on = local_date(ended_at - _INSTANT, zone) if ended_at is not None else on
            first_on = local_date(row.placed_at, zone)
            found[row.id].append(Freeze(first_on, last_on, law.freezing[row.kind]))
    return found
