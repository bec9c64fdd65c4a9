"""How often a creditor's customers answer on each medium: the prior of the channel's score."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlmodel import Session

from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import ContactPoint, Customer, MediumPrior

_POINT, _CUSTOMER, _PRIOR = table_of(ContactPoint), table_of(Customer), table_of(MediumPrior)


def count_priors(session: Session, now: datetime) -> None:
    """Counts the whole book anew. A few rows a creditor; meant for once a day."""
    query = (
        select(
            _CUSTOMER.c.creditor_id,
            _POINT.c.medium,
            func.sum(_POINT.c.asked).label("asked"),
            func.sum(_POINT.c.answered).label("answered"),
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
        .group_by(_CUSTOMER.c.creditor_id, _POINT.c.medium)
        .order_by(_CUSTOMER.c.creditor_id, _POINT.c.medium)
    )
    rows = [{**row._mapping, "counted_at": now} for row in session.connection().execute(query)]
    session.connection().execute(delete(_PRIOR))
    insert_rows(session, MediumPrior, rows)
