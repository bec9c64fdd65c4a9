"""Customers who were erased because their time was over, and who owe again: they may be written to.

They never asked to be forgotten; who did is left to a person. Their opt-outs are remembered by the
addresses, and hold again with the feed that brings these.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, exists, select, update
from sqlmodel import Session

from app.store.columns import NOTHING
from app.store.given import GIVEN, rows_given, table_of
from app.store.guard import lock_persons, raise_revisions
from app.store.journal import Happened, record
from app.store.rows import Customer, Event, Invoice

ERASED: Final = "customer_erased"
"""The event that says why, and which lines of the trail lost their salts."""
BY_TIME: Final = "retention"
"""Why somebody is erased who did not ask for it."""

_CUSTOMER, _EVENT, _INVOICE = table_of(Customer), table_of(Event), table_of(Invoice)


def take_back(session: Session, customer_ids: Collection[int], *, now: datetime) -> set[int]:
    """Of these, those who were erased by time alone. From now on they are as any other."""
    reasons = {
        row.customer_id: row.payload.get("reason")
        for row in rows_given(session, _ERASURES, sorted(customer_ids))
    }
    wanted = sorted(id_ for id_, reason in reasons.items() if reason == BY_TIME)
    lock_persons(session, [row.person_id for row in rows_given(session, _GONE, wanted)])
    gone = {row.id: row.person_id for row in rows_given(session, _GONE, wanted)}
    session.connection().execute(_TAKEN_BACK, {"given": sorted(gone)})
    raise_revisions(session, gone.values())
    facts = [Happened("customer_returned", at=now, customer_id=id_) for id_ in sorted(gone)]
    record(session, facts, now=now)
    return set(gone)


def owing_again() -> Select[Any]:
    """Erased customers who owe; why they were erased is asked by `take_back`."""
    owes = exists().where(_INVOICE.c.customer_id == _CUSTOMER.c.id, _INVOICE.c.open_minor > NOTHING)
    return select(_CUSTOMER.c.id).where(_CUSTOMER.c.erased_at.is_not(None), owes)


def billed_anew(session: Session, named: Sequence[tuple[int, str]]) -> set[int]:
    """Of customers and the invoices that a feed names, those of whom one is new to the book."""
    known = {
        (row.customer_id, row.external_id)
        for row in rows_given(session, _KNOWN, sorted({customer_id for customer_id, _ in named}))
    }
    return {customer_id for customer_id, invoice in named if (customer_id, invoice) not in known}


_ERASURES = (
    select(_EVENT.c.customer_id, _EVENT.c.payload)
    .where(_EVENT.c.customer_id.in_(GIVEN), _EVENT.c.kind == ERASED)
    .order_by(_EVENT.c.id)
)
_GONE = (
    select(_CUSTOMER.c.id, _CUSTOMER.c.person_id)
    .where(_CUSTOMER.c.id.in_(GIVEN), _CUSTOMER.c.erased_at.is_not(None))
    .order_by(_CUSTOMER.c.id)
)
_KNOWN = select(_INVOICE.c.customer_id, _INVOICE.c.external_id).where(
    _INVOICE.c.customer_id.in_(GIVEN)
)
_TAKEN_BACK = update(_CUSTOMER).where(_CUSTOMER.c.id.in_(GIVEN)).values(erased_at=None)
