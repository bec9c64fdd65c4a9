"""Puts consents into the ledger. A feed never undoes what a customer withdrew later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.book.days import start_of
from app.book.entries.shapes import ConsentEntry
from app.store.bulk import chunks, insert_rows, table_of
from app.store.rows import Consent

_CONSENT = table_of(Consent)


@dataclass(frozen=True, slots=True)
class ConsentTold:
    customer_id: int
    entry: ConsentEntry


@dataclass(slots=True)
class ConsentsRecorded:
    """How many were news, and the customers who said so."""

    recorded: int = 0
    customers: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Latest:
    given: bool
    at: datetime


def tell_consents(
    session: Session, zone: str, told: Sequence[ConsentTold], *, now: datetime
) -> ConsentsRecorded:
    """Records what the ledger does not say yet, in the order told. `zone` is whose days they are.

    Call it while the persons' guards are held.
    """
    latest = _latest(session, sorted({each.customer_id for each in told}))
    rows = []
    for each in told:
        row = _row(each, zone, now)
        known = latest.get((each.customer_id, row["medium"]))
        if _is_news(row, known, each.entry):
            rows.append(row)
            latest[each.customer_id, row["medium"]] = _Latest(row["given"], row["at"])
    insert_rows(session, Consent, rows)
    return ConsentsRecorded(len(rows), {row["customer_id"] for row in rows})


def _latest(session: Session, customer_ids: Sequence[int]) -> dict[tuple[int, str], _Latest]:
    found: dict[tuple[int, str], _Latest] = {}
    columns = (_CONSENT.c.customer_id, _CONSENT.c.medium, _CONSENT.c.given, _CONSENT.c.at)
    for part in chunks(customer_ids):
        query = select(*columns).where(_CONSENT.c.customer_id.in_(part))
        for row in session.connection().execute(query.order_by(_CONSENT.c.at, _CONSENT.c.id)):
            found[row.customer_id, row.medium] = _Latest(row.given, row.at)
    return found


def _row(told: ConsentTold, zone: str, now: datetime) -> dict[str, Any]:
    entry = told.entry
    return {
        "customer_id": told.customer_id,
        "medium": str(entry.medium),
        "given": entry.given,
        "at": start_of(entry.at, zone) if entry.at else now,
        "source": entry.source,
        "method": entry.method,
        "evidence": entry.evidence,
    }


def _is_news(row: Mapping[str, Any], latest: _Latest | None, told: ConsentEntry) -> bool:
    """Whether the ledger does not say so yet.

    A feed that says yes every night must not undo what the customer withdrew on the page: after a
    withdrawal, only a dated and later yes counts.
    """
    if latest is None:
        return True
    if latest.given == row["given"]:
        return False
    if row["given"]:
        return told.at is not None and row["at"] > latest.at
    return told.at is None or row["at"] >= latest.at
