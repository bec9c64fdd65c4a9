"""A customer tells of a payment on the page: when, how, how much, and a file that shows it.

What of it is personal stands on rows that can be erased; the task has codes and numbers alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from app.intake.concerned import stop_customer
from app.intake.paid_already import look_for_payment
from app.intake.proofs.kinds import FileKind, kind_of
from app.store.bulk import insert_returning_ids, update_rows
from app.store.documents import Documents
from app.store.journal import Happened, record
from app.store.rows import Proof, Reply
from campaigns.money import Money
from campaigns.vocabulary import Signal

EARLIEST: Final = timedelta(days=3 * 366)
"""Nobody looks for a payment that is older: claims lapse."""


class Method(StrEnum):
    """How somebody paid, as replies are read too (`templates/heard`)."""

    CARD = "card"
    BANK = "bank"
    CASH = "cash"
    CHEQUE = "cheque"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """Nothing of it must be told. `file` is clean: see `cleaned_apart`. The repr shows no words."""

    on: date | None = None
    method: Method | None = None
    amount: Money | None = None
    words: str | None = field(default=None, repr=False)
    file: bytes | None = field(default=None, repr=False)


def tell_payment(
    session: Session,
    documents: Documents,
    *,
    customer_id: int,
    told: PaymentTold,
    message_id: int | None,
    now: datetime,
) -> int:
    """Holds the person while finance looks for the payment. Answers the proof's number."""
    concerned = stop_customer(session, customer_id)
    reply_id = _reply(session, customer_id, told.words, message_id, now)
    proof = {
        "customer_id": customer_id,
        "reply_id": reply_id,
        "paid_on": told.on,
        "method": told.method,
        "currency": told.amount.currency if told.amount else None,
        "amount_minor": told.amount.minor if told.amount else None,
        "told_at": now,
    }
    (proof_id,) = insert_returning_ids(session, Proof, [proof])
    look_for_payment(
        session,
        concerned,
        reply_id,
        now=now,
        paid_on=told.on,
        method=told.method,
        proof_id=proof_id,
    )
    said = Happened(
        Signal.REPLY_RECEIVED,
        at=now,
        customer_id=customer_id,
        message_id=message_id,
        own_act=True,
        payload={"reply_id": reply_id, "intent": "already_paid"},
    )
    record(session, [said], now=now)
    if told.file is not None:  # last: a file is written at once, and no rollback takes it back
        document = documents.keep(told.file, _name(proof_id, told.file))
        update_rows(session, Proof, [{"id": proof_id, "document": document}])
    return proof_id


def _reply(
    session: Session, customer_id: int, words: str | None, message_id: int | None, now: datetime
) -> int:
    reply = {
        "customer_id": customer_id,
        "message_id": message_id,
        "medium": "page",
        "text": words or "",
        "received_at": now,
        "intent": "already_paid",
        "classed_at": now,
    }
    return insert_returning_ids(session, Reply, [reply])[0]


def _name(proof_id: int, file: bytes) -> str:
    """Ours: what a customer calls a file may tell of them, or of what it would like to be."""
    return f"proof-{proof_id}.{'pdf' if kind_of(file) is FileKind.PDF else 'jpg'}"
