"""What staff heard that a customer prefers: a choice like the customer's own, with a name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from app.book.choices import Choosable, ChosenBy, choose
from app.book.holders import wake_customers
from app.intake.concerned import stop_customer


def choose_for(
    session: Session,
    customer_id: int,
    values: Mapping[Choosable, str | None],
    *,
    by: str,
    now: datetime,
) -> None:
    """Sets it from the next message on: the guard is raised, so that one that is about to leave is
    asked again."""
    if not values:
        return
    stop_customer(session, customer_id)
    told = {"recorded_by": by}
    choose(session, customer_id, values, by=ChosenBy.STAFF, now=now, told=told)
    wake_customers(session, [customer_id], now=now)
