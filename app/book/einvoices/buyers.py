"""Which customer a buyer is: the first of its identifiers that the book knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlmodel import Session

from app.book.einvoices.einvoice import Buyer
from app.store.given import chunks, table_of
from app.store.rows import Customer

_CUSTOMER = table_of(Customer)


def known_ids(session: Session, creditor_id: int, buyers: Iterable[Buyer]) -> dict[str, int]:
    """The customers that any of these identifiers names, by external id."""
    asked = sorted({identifier for buyer in buyers for identifier in buyer.identifiers})
    found: dict[str, int] = {}
    for part in chunks(asked):
        query = select(_CUSTOMER.c.external_id, _CUSTOMER.c.id).where(
            _CUSTOMER.c.creditor_id == creditor_id, _CUSTOMER.c.external_id.in_(part)
        )
        found.update({row.external_id: row.id for row in session.connection().execute(query)})
    return found


def external_id_of(buyer: Buyer, known: Mapping[str, int]) -> str | None:
    """The known one, in the order of the identifiers; else the first, for a new customer."""
    for identifier in buyer.identifiers:
        if identifier in known:
            return identifier
    return next(iter(buyer.identifiers), None)
