"""Disputes that a feed knows of: opened and resolved as its rows say, each once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.holders import hold, mark_changed
from app.store.bulk import insert_returning_ids, update_rows
from app.store.columns import word
from app.store.given import GIVEN, chunks, rows_given, table_of
from app.store.journal import Happened, record
from app.store.rows import Charge, Customer, Dispute, Invoice
from campaigns.keys import derive
from campaigns.vocabulary import Signal

CARVED_OUT = ("open", "upheld", "partly")
"""States of a dispute that take the invoice out. One that was upheld stays out: the creditor's
credit note will close the invoice, and until it has come nobody may ask for the money again. One
that was upheld in part comes back when its credit note is booked: it is settled then."""

_CHARGE, _DISPUTE = table_of(Charge), table_of(Dispute)
_CUSTOMER, _INVOICE = table_of(Customer), table_of(Invoice)
_CHARGES = select(_CHARGE.c.invoice_id, _CHARGE.c.late_invoice_id).where(
    _CHARGE.c.late_invoice_id.in_(GIVEN)
)


_NUMBER = re.compile(r"(?:D-)?([1-9][0-9]{0,8})", re.IGNORECASE)


def dispute_number(dispute_id: int) -> str:
    """How customers are told of a dispute, and how staff find it."""
    return f"D-{dispute_id}"


def dispute_of_number(number: str) -> int | None:
    """The id that a number stands for, however it is written; None for what is no number."""
    found = _NUMBER.fullmatch(number.strip())
    return int(found[1]) if found else None


def disputes_of(
    session: Session, *, dispute_id: int | None = None, open_only: bool = False
) -> Sequence[Row[Any]]:
    """Disputes with the customer and the invoice, the oldest first."""
    query = (
        select(
            _DISPUTE,
            _CUSTOMER.c.external_id.label("customer"),
            _INVOICE.c.number.label("invoice"),
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _DISPUTE.c.customer_id)
        .join(_INVOICE, _INVOICE.c.id == _DISPUTE.c.invoice_id)
        .order_by(_DISPUTE.c.id)
    )
    if dispute_id is not None:
        query = query.where(_DISPUTE.c.id == dispute_id)
    if open_only:
        query = query.where(_DISPUTE.c.state == word("open"))
    return session.connection().execute(query).all()


@dataclass(frozen=True, slots=True)
class DisputeIn:
    """An invoice that was contested; `resolved_at` None while it still is."""

    customer_id: int
    invoice_id: int
    kind: str
    opened_at: datetime
    resolved_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class DisputesTold:
    opened: int
    resolved: int


def tell_disputes(
    session: Session, disputes: Sequence[DisputeIn], *, now: datetime
) -> DisputesTold:
    """Opens what is new and resolves what has ended. An invoice's ended dispute never reopens."""
    if not disputes:
        return DisputesTold(0, 0)
    holders = hold(session, (dispute.customer_id for dispute in disputes))
    disputes = [*disputes, *_of_charges(session, disputes)]
    known = _load(session, [dispute.invoice_id for dispute in disputes])
    new = [dispute for dispute in disputes if dispute.invoice_id not in known]
    ended = [dispute for dispute in disputes if _ends(dispute, known.get(dispute.invoice_id))]
    ids = insert_returning_ids(session, Dispute, [_row(dispute) for dispute in new])
    opened = dict(zip((dispute.invoice_id for dispute in new), ids, strict=True))
    update_rows(
        session,
        Dispute,
        [
            {
                "id": known[dispute.invoice_id].id,
                "state": dispute.outcome,
                "resolved_at": dispute.resolved_at,
            }
            for dispute in ended
        ],
    )
    facts = [_opened(dispute, opened[dispute.invoice_id]) for dispute in new]
    over = {d.invoice_id: opened[d.invoice_id] for d in new if d.resolved_at}
    over |= {dispute.invoice_id: known[dispute.invoice_id].id for dispute in ended}
    facts += [_resolved(d, over[d.invoice_id]) for d in disputes if d.invoice_id in over]
    record(session, facts, now=now)
    mark_changed(session, {holders[d.customer_id] for d in (*new, *ended)}, now=now)
    return DisputesTold(len(new), len(over))


def charges_of(session: Session, invoice_ids: Sequence[int]) -> dict[int, int]:
    """The late invoice of each charge on these: what is contested of one is contested of both."""
    return {
        row.invoice_id: row.late_invoice_id for row in rows_given(session, _CHARGES, invoice_ids)
    }


def _of_charges(session: Session, disputes: Sequence[DisputeIn]) -> list[DisputeIn]:
    by_invoice = {dispute.invoice_id: dispute for dispute in disputes}
    found = charges_of(session, list(by_invoice))
    return [
        replace(by_invoice[late_id], invoice_id=charge_id)
        for charge_id, late_id in found.items()
        if charge_id not in by_invoice
    ]


def _load(session: Session, invoice_ids: Sequence[int]) -> Mapping[int, Row[Any]]:
    """Each invoice's latest dispute."""
    found: dict[int, Row[Any]] = {}
    for part in chunks(invoice_ids):
        query = select(_DISPUTE).where(_DISPUTE.c.invoice_id.in_(part)).order_by(_DISPUTE.c.id)
        found.update({row.invoice_id: row for row in session.connection().execute(query)})
    return found


def _ends(dispute: DisputeIn, known: Row[Any] | None) -> bool:
    return known is not None and known.state == "open" and dispute.resolved_at is not None


def _row(dispute: DisputeIn) -> dict[str, Any]:
    return {
        "customer_id": dispute.customer_id,
        "invoice_id": dispute.invoice_id,
        "kind": dispute.kind,
        "state": dispute.outcome if dispute.resolved_at else "open",
        "opened_at": dispute.opened_at,
        "resolved_at": dispute.resolved_at,
    }


def _opened(dispute: DisputeIn, dispute_id: int) -> Happened:
    return Happened(
        Signal.INVOICE_DISPUTED,
        dispute.opened_at,
        customer_id=dispute.customer_id,
        key=derive("dispute_opened", dispute_id),
        payload={"dispute_id": dispute_id, "invoice_id": dispute.invoice_id},
    )


def _resolved(dispute: DisputeIn, dispute_id: int) -> Happened:
    return Happened(
        Signal.DISPUTE_RESOLVED,
        dispute.resolved_at or dispute.opened_at,
        customer_id=dispute.customer_id,
        key=derive("dispute_resolved", dispute_id),
        payload={"dispute_id": dispute_id, "invoice_id": dispute.invoice_id},
    )
