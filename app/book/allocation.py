"""What money settles: named invoices first, then the oldest due, in the creditor's order of costs,
interest and principal; one currency, never too much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session

from app.book.charges.terms import ChargeKind, read_terms
from app.book.packs import published_packs
from app.store.bulk import update_rows
from app.store.columns import NOTHING
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Charge, Creditor, Customer, Invoice
from campaigns.duties import Order

_CHARGE, _INVOICE = table_of(Charge), table_of(Invoice)
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
_DEBT = _INVOICE.alias("debt")
_OPEN = (
    select(
        _INVOICE.c.id,
        _INVOICE.c.customer_id,
        _INVOICE.c.currency,
        _INVOICE.c.open_minor,
        _INVOICE.c.due_on,
        _CHARGE.c.kind,
        func.coalesce(_DEBT.c.due_on, _INVOICE.c.due_on).label("debt_due_on"),
        func.coalesce(_DEBT.c.id, _INVOICE.c.id).label("debt_id"),
    )
    .join_from(_INVOICE, _CHARGE, _CHARGE.c.invoice_id == _INVOICE.c.id, isouter=True)
    .join(_DEBT, _DEBT.c.id == _CHARGE.c.late_invoice_id, isouter=True)
    .where(_INVOICE.c.customer_id.in_(GIVEN), _INVOICE.c.open_minor > NOTHING)
)
_OWNERS = (
    select(
        _CUSTOMER.c.id, _CREDITOR.c.external_id, _CREDITOR.c.country, _CREDITOR.c.envelope
    )
    .join_from(_CUSTOMER, _CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .where(_CUSTOMER.c.id.in_(GIVEN))
)  # fmt: skip
_RANKS = {str(ChargeKind.COST): 0, str(ChargeKind.INTEREST): 1, None: 2}


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a sum settles an invoice, in minor units; positive."""

    invoice_id: int
    minor: int


@dataclass(slots=True)
class Claim:
    """An open invoice while money is spread over it."""

    invoice_id: int
    open_minor: int


@dataclass(slots=True)
class Claims:
    """The open invoices of some customers, oldest due first, apart by customer and currency."""

    _by_owner: dict[tuple[int, str], dict[int, Claim]]
    _touched: dict[int, Claim] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, customer_ids: Iterable[int]) -> Claims:
        """Call it after `hold`, so that nobody else can settle them meanwhile."""
        rows = list(rows_given(session, _OPEN, sorted(set(customer_ids))))
        rows.sort(key=lambda row: (row.due_on, row.id))
        charged = {row.customer_id for row in rows if row.kind is not None}
        costs_first = _paying_costs_first(session, sorted(charged))
        found: dict[tuple[int, str], list[Row[Any]]] = defaultdict(list)
        for row in rows:
            found[row.customer_id, row.currency].append(row)
        for (customer_id, _), claims in found.items():
            if customer_id in costs_first:
                claims.sort(key=_by_debt)
        return cls(
            {
                owner: {row.id: Claim(row.id, row.open_minor) for row in claims}
                for owner, claims in found.items()
            }
        )

    def settle(
        self, customer_id: int, currency: str, minor: int, named: Sequence[int] = ()
    ) -> tuple[Share, ...]:
        """Takes `minor` from the open amounts. What the shares leave over is credit."""
        claims = self._by_owner.get((customer_id, currency), {})
        rest = [claim for claim in claims.values() if claim.invoice_id not in named]
        return self._spread([*_chosen(claims, named), *rest], minor)

    def meant(self, customer_id: int, currency: str, named: Sequence[int] = ()) -> Sequence[Claim]:
        """What money is for: the named invoices, else all open ones, in the order of `settle`."""
        claims = self._by_owner.get((customer_id, currency), {})
        return _chosen(claims, named) or list(claims.values())

    def settle_one(
        self, customer_id: int, currency: str, minor: int, invoice_id: int
    ) -> tuple[Share, ...]:
        """Takes `minor` from one invoice only, as a credit note for it does."""
        claim = self._by_owner.get((customer_id, currency), {}).get(invoice_id)
        return self._spread([claim] if claim else [], minor)

    def _spread(self, claims: Iterable[Claim], minor: int) -> tuple[Share, ...]:
        shares = []
        for claim in claims:
            if not minor:
                break
            taken = min(claim.open_minor, minor)
            if taken:
                claim.open_minor -= taken
                minor -= taken
                self._touched[claim.invoice_id] = claim
                shares.append(Share(claim.invoice_id, taken))
        return tuple(shares)

    def save(self, session: Session) -> None:
        """Writes the open amounts that were settled."""
        update_rows(
            session,
            Invoice,
            [
                {"id": claim.invoice_id, "open_minor": claim.open_minor}
                for claim in sorted(self._touched.values(), key=lambda claim: claim.invoice_id)
            ],
        )


def _chosen(claims: Mapping[int, Claim], named: Sequence[int]) -> list[Claim]:
    return [claims[invoice_id] for invoice_id in dict.fromkeys(named) if invoice_id in claims]


def _by_debt(row: Row[Any]) -> tuple[Any, ...]:
    """Debts from the oldest due; of each its costs, its interest, then the invoice itself."""
    return (row.debt_due_on, row.debt_id, _RANKS[row.kind], row.id)


def _paying_costs_first(session: Session, customer_ids: Sequence[int]) -> frozenset[int]:
    """Without charges every order is the same, so only customers who have some are asked for."""
    if not customer_ids:
        return frozenset()
    packs = published_packs(session)
    return frozenset(
        row.id
        for row in rows_given(session, _OWNERS, customer_ids)
        if read_terms(row.envelope, row.country, row.external_id, packs).order is Order.COSTS_FIRST
    )
