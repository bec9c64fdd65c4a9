"""The lists that every installation can export, and what an act on many can be taken back by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from app.errands.lists import Chosen, Export, Parameters, Rows, Selection
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import Creditor, Customer, Hold, Invoice
from campaigns.money import Money

PAGE: Final = 1000

_CREDITOR, _CUSTOMER, _INVOICE = table_of(Creditor), table_of(Customer), table_of(Invoice)
_HOLD = table_of(Hold)


def _open_invoices(session: Session, filters: Parameters, after: Any) -> Rows:
    """Filter: `creditor`, an id."""
    query = (
        select(
            _INVOICE.c.id,
            _CREDITOR.c.external_id.label("creditor"),
            _CUSTOMER.c.external_id.label("customer"),
            _CUSTOMER.c.name,
            _INVOICE.c.number,
            _INVOICE.c.issued_on,
            _INVOICE.c.due_on,
            _INVOICE.c.amount_minor,
            _INVOICE.c.open_minor,
            _INVOICE.c.currency,
        )
        .join_from(_INVOICE, _CUSTOMER, _CUSTOMER.c.id == _INVOICE.c.customer_id)
        .join(_CREDITOR, _CREDITOR.c.id == _INVOICE.c.creditor_id)
        .where(_INVOICE.c.id > (after or 0), _INVOICE.c.open_minor > NOTHING)
    )
    if filters.get("creditor"):
        query = query.where(_INVOICE.c.creditor_id == int(filters["creditor"]))
    found = session.connection().execute(query.order_by(_INVOICE.c.id).limit(PAGE)).all()
    cells = [
        (
            row.creditor,
            row.customer,
            row.name,
            row.number,
            row.issued_on,
            row.due_on,
            Money(row.amount_minor, row.currency).decimal,
            Money(row.open_minor, row.currency).decimal,
            row.currency,
        )
        for row in found
    ]
    return Rows(cells, found[-1].id if len(found) == PAGE else None)


def _of_errand(session: Session, filters: Parameters, after: int, limit: int) -> Chosen:
    """Filter: `errand`, whose holds they are. What was released meanwhile is none of them."""
    query = (
        select(_HOLD.c.id)
        .where(
            _HOLD.c.errand_id == int(filters["errand"]),
            _HOLD.c.released_at.is_(None),
            _HOLD.c.id > after,
        )
        .order_by(_HOLD.c.id)
        .limit(limit)
    )
    return Chosen.page(session.connection().execute(query).scalars().all(), limit)


OF_ERRAND: Final = Selection("holds-of-errand", _of_errand)
EXPORTS: Final[Mapping[str, Export]] = {
    "open-invoices": Export(
        "open-invoices",
        (
            *("creditor", "customer", "name", "invoice", "issued on", "due on"),
            *("amount", "open", "currency"),
        ),
        _open_invoices,
    )
}
