"""When a customer asked to be written to: their own choice, kept from the next gate on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.book.choices import Choosable, ChosenBy, choose
from app.book.holders import wake_customers
from app.intake.concerned import stop_customer
from campaigns.packhours import own_week


def set_own_hours(
    session: Session,
    customer_id: int,
    hours: str,
    now: datetime,
    *,
    by: ChosenBy,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Sets the hours, or takes them away where the text is empty. Raises `ValueError`."""
    week = " ".join(hours.lower().split())
    if week:
        own_week(week)
    stop_customer(session, customer_id)
    choose(session, customer_id, {Choosable.HOURS: week or None}, by=by, now=now, told=told)
    wake_customers(session, [customer_id], now=now)
