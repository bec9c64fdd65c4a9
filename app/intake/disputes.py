"""Disputes: an invoice that the customer contests is carved out; what is left goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.book.disputes import charges_of
from app.intake.concerned import stop_customer
from app.intake.places import Place, told_of
from app.intake.tasks import Team, finish_task, give_task
from app.payments.stale import expire_open_of
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Dispute, Invoice, Task
from campaigns.money import Money
from campaigns.vocabulary import Signal

ANSWER_WITHIN: Final = timedelta(days=3)

_DISPUTE, _INVOICE, _TASK = table_of(Dispute), table_of(Invoice), table_of(Task)


class DisputeKind(StrEnum):
    ALREADY_PAID = "already_paid"
    WRONG_AMOUNT = "wrong_amount"
    NOT_RECEIVED = "not_received"
    NOT_MINE = "not_mine"
    OTHER = "other"


class UnknownInvoice(LookupError):
    """The customer has no such invoice."""


class UnknownDispute(LookupError):
    """No dispute has this id."""


class NotPart(ValueError):
    """What is contested or to be credited is nothing, or all of it, or of another currency."""


def dispute_invoice(
    session: Session,
    *,
    customer_id: int,
    invoice_id: int,
    kind: DisputeKind,
    words: str | None,
    now: datetime,
    said_from: Place | None = None,
    contested: Money | None = None,
    by: str | None = None,
) -> int:
    """Carves the invoice out, gives collections a task, and answers the dispute's id. It is
    confirmed where it was `said_from`; `by` is who of ours put it on record.

    Contesting an invoice twice is one dispute. All of it rests until somebody has decided, also
    where they contest a part. Raises `UnknownInvoice` for one of somebody else, and `NotPart` where
    `contested` is none.
    """
    stop_customer(session, customer_id)
    invoice = _invoice(session, customer_id, invoice_id)
    open_one = _open_dispute(session, invoice_id)
    if open_one is not None:
        return open_one
    part = {} if contested is None else _part_of(invoice, contested)
    row = {
        "customer_id": customer_id,
        "invoice_id": invoice_id,
        "kind": kind,
        "words": words,
        "opened_at": now,
        **part,
    }
    (dispute_id,) = insert_returning_ids(session, Dispute, [row])
    _carve_out_charges(session, row)
    expire_open_of(session, [customer_id])
    ids = {"dispute_id": dispute_id, "invoice_id": invoice_id, "kind": kind}
    _ask_to_look(session, customer_id, f"Invoice {invoice.number} is disputed ({kind})", ids, now)
    told = {**ids, **part, **told_of(said_from), **({"by": by} if by is not None else {})}
    _record(session, Signal.INVOICE_DISPUTED, customer_id, told, own_act=True, now=now)
    return dispute_id


def resolve_dispute(
    session: Session,
    *,
    dispute_id: int,
    upheld: bool,
    now: datetime,
    credited: Money | None = None,
    by: str | None = None,
) -> bool:
    """Ends a dispute and its task. Answers whether it was still open.

    Upheld: the customer was right. The invoice stays carved out, and finance gets the task of the
    credit note that closes it. Upheld in part: `credited` is what is taken off; the rest may be
    asked for once that is booked (`credit_note_booked`). Rejected: the invoice may be asked for
    again. Raises `UnknownDispute`, and `NotPart` for a part that is none.
    """
    dispute = _dispute(session, dispute_id)
    stop_customer(session, dispute.customer_id)
    state = "rejected" if not upheld else "upheld" if credited is None else "partly"
    if credited is not None:
        _ensure_part(session, dispute, credited)
    minor = credited.minor if credited is not None else None
    ended = session.connection().execute(
        update(_DISPUTE)
        .where(_DISPUTE.c.id == dispute_id, _DISPUTE.c.state == word("open"))
        .values(state=state, resolved_at=now, credited_minor=minor)
    )
    if ended.rowcount == 0:
        return False
    of_charges = list(charges_of(session, [dispute.invoice_id]))
    session.connection().execute(
        update(_DISPUTE)
        .where(_DISPUTE.c.invoice_id.in_(of_charges), _DISPUTE.c.state == word("open"))
        .values(state=state, resolved_at=now)
    )
    finish_task(session, _task_key(dispute_id), now)
    if upheld:
        _ask_for_credit_note(session, dispute, credited, now)
    ids = {"dispute_id": dispute_id, "invoice_id": dispute.invoice_id, "state": state}
    if by is not None:
        ids["by"] = by
    _record(session, Signal.DISPUTE_RESOLVED, dispute.customer_id, ids, own_act=False, now=now)
    return True


def _record(
    session: Session,
    signal: Signal,
    customer_id: int,
    ids: dict[str, Any],
    *,
    own_act: bool,
    now: datetime,
) -> None:
    fact = Happened(signal, at=now, customer_id=customer_id, own_act=own_act, payload=ids)
    record(session, [fact], now=now)


def _dispute(session: Session, dispute_id: int) -> Row[Any]:
    query = select(_DISPUTE).where(_DISPUTE.c.id == dispute_id)
    dispute = session.connection().execute(query).one_or_none()
    if dispute is None:
        raise UnknownDispute(f"there is no dispute {dispute_id}")
    return dispute


def _invoice(session: Session, customer_id: int, invoice_id: int) -> Row[Any]:
    query = select(_INVOICE).where(
        _INVOICE.c.id == invoice_id, _INVOICE.c.customer_id == customer_id
    )
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise UnknownInvoice(f"customer {customer_id} has no invoice {invoice_id}")
    return found


def _carve_out_charges(session: Session, row: dict[str, Any]) -> None:
    """What was charged for a contested invoice is contested with it, under the same task."""
    rows = [
        {**row, "invoice_id": charge_id, "words": None, "contested_minor": None}
        for charge_id in charges_of(session, [row["invoice_id"]])
        if _open_dispute(session, charge_id) is None
    ]
    insert_rows(session, Dispute, rows)


def _open_dispute(session: Session, invoice_id: int) -> int | None:
    query = select(_DISPUTE.c.id).where(
        _DISPUTE.c.invoice_id == invoice_id, _DISPUTE.c.state == word("open")
    )
    return session.connection().execute(query).scalar_one_or_none()


def _ask_to_look(
    session: Session, customer_id: int, title: str, ids: dict[str, Any], now: datetime
) -> None:
    give_task(
        session,
        key=_task_key(ids["dispute_id"]),
        team=Team.COLLECTIONS,
        kind="dispute",
        title=title,
        now=now,
        due_in=ANSWER_WITHIN,
        customer_id=customer_id,
        detail=ids,
    )


def _ask_for_credit_note(
    session: Session, dispute: Row[Any], credited: Money | None, now: datetime
) -> None:
    part = {"amount_minor": credited.minor, "currency": credited.currency} if credited else {}
    give_task(
        session,
        key=_credit_note_key(dispute.id),
        team=Team.FINANCE,
        kind="credit_note",
        title="A dispute was upheld: book the credit note that closes the invoice"
        if credited is None
        else f"A dispute was upheld in part: book a credit note of {credited}",
        now=now,
        due_in=ANSWER_WITHIN,
        customer_id=dispute.customer_id,
        detail={"dispute_id": dispute.id, "invoice_id": dispute.invoice_id, **part},
    )


def credit_note_booked(session: Session, *, dispute_id: int, by: str, now: datetime) -> bool:
    """Finance has booked the credit note: its task is done, and of a dispute that was upheld in
    part the rest of the invoice may be asked for again. Answers whether that task was open."""
    dispute = _dispute(session, dispute_id)
    stop_customer(session, dispute.customer_id)
    key = _credit_note_key(dispute_id)
    waits = select(_TASK.c.id).where(_TASK.c.key == key, _TASK.c.state == word("open"))
    if session.connection().execute(waits).first() is None:
        return False
    finish_task(session, key, now)
    if dispute.state != "partly":
        return True
    invoices = [dispute.invoice_id, *charges_of(session, [dispute.invoice_id])]
    session.connection().execute(
        update(_DISPUTE)
        .where(_DISPUTE.c.invoice_id.in_(invoices), _DISPUTE.c.state == "partly")
        .values(state="settled", resolved_at=now)
    )
    ids = {"dispute_id": dispute_id, "invoice_id": dispute.invoice_id, "state": "settled", "by": by}
    _record(session, Signal.DISPUTE_RESOLVED, dispute.customer_id, ids, own_act=False, now=now)
    return True


def _ensure_part(session: Session, dispute: Row[Any], credited: Money) -> None:
    invoice = _invoice(session, dispute.customer_id, dispute.invoice_id)
    _part_of(invoice, credited)


def _part_of(invoice: Row[Any], part: Money) -> dict[str, int]:
    """The part as the row of a dispute keeps it."""
    whole = Money(invoice.open_minor, invoice.currency)
    if part.currency != whole.currency or not 0 < part.minor < whole.minor:
        raise NotPart(f"{part} is no part of the {whole} that is open: name less, or all of it")
    return {"contested_minor": part.minor}


def _credit_note_key(dispute_id: int) -> str:
    return f"credit_note:{dispute_id}"


def _task_key(dispute_id: int) -> str:
    return f"dispute:{dispute_id}"
