"""Proofs of payments that customers handed in, for those who look for the money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, cast, literal, select
from sqlmodel import Session

from app.intake.paid_already import LOOKED_FOR
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Creditor, Customer, Proof, Reply, Task

_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
_PROOF, _REPLY, _TASK = table_of(Proof), table_of(Reply), table_of(Task)
TASK_KEY = literal(f"{LOOKED_FOR}:") + cast(_PROOF.c.reply_id, String)
"""Of the task that a proof belongs to."""


def proofs_of(
    session: Session, *, proof_id: int | None = None, open_only: bool = False
) -> Sequence[Row[Any]]:
    """The oldest first, each with its customer, the customer's words, and the state of the task
    that finance has: `open_only` are those that somebody has still to look for."""
    query = (
        select(
            _PROOF,
            _CUSTOMER.c.external_id.label("customer"),
            _CREDITOR.c.external_id.label("creditor"),
            _REPLY.c.text.label("words"),
            _TASK.c.state,
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _PROOF.c.customer_id)
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .join(_REPLY, _REPLY.c.id == _PROOF.c.reply_id)
        .join(_TASK, _TASK.c.key == TASK_KEY)
        .order_by(_PROOF.c.id)
    )
    if proof_id is not None:
        query = query.where(_PROOF.c.id == proof_id)
    if open_only:
        query = query.where(_TASK.c.state == word("open"))
    return session.connection().execute(query).all()


def note_handed_out(session: Session, row: Row[Any], *, to: str, now: datetime) -> None:
    """That somebody took the file out is a fact. Raises `ValueError` for no name."""
    if not to.strip():
        raise ValueError("say who takes the file: it is kept beside it")
    payload = {"proof_id": row.id, "read_by": to.strip()}
    seen = Happened("proof_read", at=now, customer_id=row.customer_id, payload=payload)
    record(session, [seen], now=now)
