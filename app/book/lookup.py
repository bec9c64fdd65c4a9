"""Finds a customer by the number that its ERP has for it, as staff name them."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Creditor, Customer

_CUSTOMER, _CREDITOR = table_of(Customer), table_of(Creditor)


class NumberUnclear(LookupError):
    """Nobody has this number, or several have. The number is not named in it."""


def customer_by_number(session: Session, external_id: str, creditor: str | None = None) -> int:
    """The customer's id. Raises `NumberUnclear`."""
    query = (
        select(_CUSTOMER.c.id, _CREDITOR.c.external_id.label("creditor"))
        .join_from(_CUSTOMER, _CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .where(_CUSTOMER.c.external_id == external_id)
        .order_by(_CREDITOR.c.external_id)
    )
    found = session.connection().execute(query).all()
    mine = [row for row in found if creditor in (None, row.creditor)]
    if not mine:
        whose = f" at creditor {creditor}" if creditor else ""
        raise NumberUnclear(f"There is no customer of this number{whose}; look it up in the book.")
    if len(mine) > 1:
        names = ", ".join(row.creditor for row in mine)
        raise NumberUnclear(
            f"Several creditors have this number: {names}. Say whose with --creditor."
        )
    return int(mine[0].id)
