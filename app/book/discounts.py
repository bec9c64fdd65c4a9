"""What is written off for who pays in time: what each invoice has on a day, what a payment earns.

It only reads; `discount_entries` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Protocol

from sqlalchemy import Row, and_, exists, select
from sqlmodel import Session

from app.book.allocation import Share
from app.book.days import day_of
from app.book.discount_entries import Given
from app.book.disputes import CARVED_OUT
from app.book.offers import Bars, Standing, bars_of, offers_of
from app.store.columns import NOTHING, word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Charge, Creditor, Dispute, Invoice
from campaigns.offers import OfferTerms, Reduced, earned

_CHARGE, _DISPUTE = table_of(Charge), table_of(Dispute)
_CREDITOR, _INVOICE = table_of(Creditor), table_of(Invoice)


class OpenClaim(Protocol):
    """An open invoice as whoever asks holds it."""

    @property
    def invoice_id(self) -> int: ...

    @property
    def open_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Reduction:
    """What an invoice has on a day, and until when."""

    offer: OfferTerms
    minor: int
    until: date


@dataclass(slots=True)
class Discounts:
    """What some customers may have. Empty, and read by one query, where no creditor gives any."""

    _offers: Mapping[int, Sequence[Standing]] = field(default_factory=dict)
    _invoices: Mapping[int, Row[Any]] = field(default_factory=dict)
    _bars: Mapping[int, Bars] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, owners: Mapping[int, int], now: datetime) -> Discounts:
        """`owners` are the creditors by customer."""
        offers = offers_of(session, set(owners.values()))
        customers = sorted(id_ for id_, creditor_id in owners.items() if creditor_id in offers)
        if not customers:
            return cls()
        invoices = {row.id: row for row in rows_given(session, _REDUCIBLE, customers)}
        zones = {row.zone for row in invoices.values()}
        on = min((day_of(now, zone) for zone in zones), default=now.date())
        return cls(offers, invoices, bars_of(session, customers, on, now))

    def reductions(
        self, claims: Iterable[OpenClaim], on: date, *, is_promised: bool = False
    ) -> Mapping[int, Reduction]:
        """The discounts that these claims have on a day, by invoice. What was promised to who pays
        it is given whatever the customer's situation has become."""
        found = {}
        for claim in claims:
            one = self._reduction(claim, on, is_promised=is_promised)
            if one is not None and one.minor:
                found[claim.invoice_id] = one
        return found

    def earned(
        self, claims: Sequence[OpenClaim], on: date, paid_minor: int, *, is_promised: bool
    ) -> tuple[Given, ...]:
        """What a payment earns; the claims stand in the order in which it settles them."""
        if not self._invoices:
            return ()
        has = self.reductions(claims, on, is_promised=is_promised)
        if not has:
            return ()
        reduced = [
            Reduced(
                claim.invoice_id,
                claim.open_minor,
                has[claim.invoice_id].minor if claim.invoice_id in has else 0,
            )
            for claim in claims
        ]
        return tuple(
            Given(has[invoice_id].offer.id, Share(invoice_id, minor))
            for invoice_id, minor in earned(reduced, paid_minor)
        )

    def _reduction(self, claim: OpenClaim, on: date, *, is_promised: bool) -> Reduction | None:
        row = self._invoices.get(claim.invoice_id)
        if row is None or (row.limitation_on is not None and row.limitation_on <= on):
            return None
        for standing in self._offers[row.creditor_id]:
            terms = standing.terms
            if not standing.is_in_force(on):
                continue
            until = terms.until(invoiced_on=_invoiced_on(row), due_on=row.due_on, on=on)
            if until is not None and (is_promised or self._bars[row.customer_id].leave(terms)):
                return Reduction(terms, terms.discount(claim.open_minor), until)
        return None


def _invoiced_on(row: Row[Any]) -> date:
    on: date = row.issued_on or min(row.due_on, day_of(row.known_at, row.zone))
    return on


_IS_CHARGE: Final = exists().where(_CHARGE.c.invoice_id == _INVOICE.c.id)
_IS_DISPUTED: Final = exists().where(
    and_(_DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state.in_(map(word, CARVED_OUT)))
)
_REDUCIBLE: Final = (
    select(
        _INVOICE.c.id,
        _INVOICE.c.creditor_id,
        _INVOICE.c.customer_id,
        _INVOICE.c.issued_on,
        _INVOICE.c.due_on,
        _INVOICE.c.known_at,
        _INVOICE.c.limitation_on,
        _CREDITOR.c.zone,
    )
    .join(_CREDITOR, _CREDITOR.c.id == _INVOICE.c.creditor_id)
    .where(
        _INVOICE.c.customer_id.in_(GIVEN),
        _INVOICE.c.open_minor > NOTHING,
        ~_IS_CHARGE,
        ~_IS_DISPUTED,
    )
)
