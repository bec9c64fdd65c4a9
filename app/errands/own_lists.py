"""The lists that every installation can export or choose from; rooms of the console add theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session

from app.errands.lists import Export, Parameters, Rows, Selection
from app.store.columns import NOTHING, word
from app.store.given import table_of
from app.store.rows import Creditor, Customer, Hold, Invoice, Task
from campaigns.money import Money
from campaigns.vocabulary import HoldKind

PAGE: Final = 1000

_CREDITOR, _CUSTOMER, _INVOICE = table_of(Creditor), table_of(Customer), table_of(Invoice)
_HOLD, _TASK = table_of(Hold), table_of(Task)


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


def _customers(session: Session, filters: Parameters, after: int, limit: int) -> Sequence[int]:
    """Filters: `ids`, or `creditor` and `locale`. The erased are nobody."""
    query = select(_CUSTOMER.c.id).where(_CUSTOMER.c.erased_at.is_(None))
    if filters.get("creditor"):
        query = query.where(_CUSTOMER.c.creditor_id == int(filters["creditor"]))
    if filters.get("locale"):
        query = query.where(_CUSTOMER.c.locale == filters["locale"])
    return _page(session, query, _CUSTOMER.c.id, filters, after, limit)


def _staff_holds(session: Session, filters: Parameters, after: int, limit: int) -> Sequence[int]:
    """Filters: `ids`."""
    query = select(_HOLD.c.id).where(
        _HOLD.c.released_at.is_(None), _HOLD.c.kind == word(str(HoldKind.STAFF))
    )
    return _page(session, query, _HOLD.c.id, filters, after, limit)


def _open_tasks(session: Session, filters: Parameters, after: int, limit: int) -> Sequence[int]:
    """Filters: `ids`, or `team`, `kind` and `owner` (empty: nobody's)."""
    query = select(_TASK.c.id).where(_TASK.c.state == word("open"))
    for name in ("team", "kind"):
        if filters.get(name):
            query = query.where(_TASK.c[name] == filters[name])
    if "owner" in filters:
        query = query.where(_TASK.c.owner == (filters["owner"] or None))
    return _page(session, query, _TASK.c.id, filters, after, limit)


def _page(
    session: Session,
    query: Select[Any],
    id_: ColumnElement[Any],
    filters: Parameters,
    after: int,
    limit: int,
) -> Sequence[int]:
    if "ids" in filters:
        wanted = sorted(each for each in map(int, filters["ids"]) if each > after)[:limit]
        query = query.where(id_.in_(wanted))
    query = query.where(id_ > after).order_by(id_).limit(limit)
    return session.connection().execute(query).scalars().all()


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
SELECTIONS: Final[Mapping[str, Selection]] = {
    "customers": Selection("customers", _customers),
    "staff-holds": Selection("staff-holds", _staff_holds),
    "open-tasks": Selection("open-tasks", _open_tasks),
}
