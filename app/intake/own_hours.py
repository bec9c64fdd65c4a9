"""When a customer asked to be written to: noted by staff, and kept from the next gate on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from app.intake.concerned import stop_customer
from app.store.bulk import table_of, update_rows
from app.store.journal import wake
from app.store.rows import Case, Customer
from campaigns.packhours import own_week

_CASE = table_of(Case)


def set_own_hours(session: Session, customer_id: int, hours: str, now: datetime) -> None:
    """Sets the hours, or takes them away where the text is empty. Raises `ValueError`."""
    told = " ".join(hours.lower().split())
    if told:
        own_week(told)
    stop_customer(session, customer_id)
    update_rows(session, Customer, [{"id": customer_id, "hours": told or None}])
    cases = select(_CASE.c.id).where(_CASE.c.customer_id == customer_id, _CASE.c.phase != "closed")
    wake(session, list(session.connection().execute(cases).scalars()), now=now)
