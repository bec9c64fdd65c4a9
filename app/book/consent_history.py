"""What one customer said about being written to, and what closed or opened their addresses.

Reads, and writes nothing. Addresses are named by their ids alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.book.consents import said
from app.store.given import table_of
from app.store.rows import Consent, ContactPoint, Suppression
from campaigns.vocabulary import Medium, Purpose

_CONSENT, _POINT, _SUPPRESSION = table_of(Consent), table_of(ContactPoint), table_of(Suppression)


@dataclass(frozen=True, slots=True)
class ConsentHistory:
    """By medium what stands today, and every row in the order of its time."""

    today: dict[str, str]
    consents: Sequence[dict[str, Any]]
    closings: Sequence[dict[str, Any]]


def consent_history(session: Session, customer_id: int) -> ConsentHistory:
    """The ledger of one customer, with the closings of every address that they ever had."""
    used = select(_POINT.c.address_id).where(_POINT.c.customer_id == customer_id)
    closings = (
        select(_SUPPRESSION)
        .where(_SUPPRESSION.c.address_id.in_(used))
        .order_by(_SUPPRESSION.c.at, _SUPPRESSION.c.id)
    )
    consents = (
        select(_CONSENT)
        .where(_CONSENT.c.customer_id == customer_id)
        .order_by(_CONSENT.c.at, _CONSENT.c.id)
    )
    connection = session.connection()
    return ConsentHistory(
        _today(session, customer_id),
        [dict(row) for row in connection.execute(consents).mappings()],
        [dict(row) for row in connection.execute(closings).mappings()],
    )


def _today(session: Session, customer_id: int) -> dict[str, str]:
    words = {True: "given", False: "withdrawn", None: "not known"}
    known = said(session, [customer_id])
    found = {}
    for medium in Medium:
        if (before := known.get((customer_id, medium))) is None:
            found[str(medium)] = words[None]
            continue
        reminders, offers = words[before.reminders], words[before.offers]
        same = reminders == offers
        found[str(medium)] = reminders if same else f"{reminders}; {Purpose.OFFERS}: {offers}"
    return found
