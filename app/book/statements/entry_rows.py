"""What an entry of a statement becomes: a row, a payment, a reversal, or a task that asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.book.payments import PaymentIn
from app.book.reversals import ReversalIn, ReversalKind
from app.book.statements.matching import Likely
from app.book.statements.originals import Original
from app.book.statements.statement import BankEntryIn, Direction
from app.store.tasks import DONE_WITHIN
from campaigns.keys import derive

METHOD = "bank"
MATCH_TITLE = "Money came in: say whose it is"
RETURN_TITLE = "Money went back: say which payment it was"


def row_of(key: str, entry: BankEntryIn, *, creditor_id: int, statement_id: int) -> dict[str, Any]:
    """The entry's row, but for its state."""
    return {
        "key": key,
        "statement_id": statement_id,
        "creditor_id": creditor_id,
        "kind": "payment" if entry.direction is Direction.CREDIT else "reversal",
        "currency": entry.amount.currency,
        "amount_minor": entry.amount.minor,
        "booked_on": entry.booked_on,
        "value_on": entry.value_on,
        "bank_id": entry.bank_id,
        "end_to_end_id": entry.end_to_end_id,
        "reference": " ".join(entry.references) or None,
        "text": entry.text or None,
        "payer": entry.payer,
        "payer_account": entry.payer_account,
    }


def payment_of(
    key: str, entry: BankEntryIn, customer_id: int, invoice_ids: Sequence[int], now: datetime
) -> PaymentIn:
    """The payment that an entry is, once it is known whose."""
    reference = entry.references[0] if entry.references else entry.end_to_end_id
    return PaymentIn(
        key=key,
        customer_id=customer_id,
        amount=entry.amount,
        paid_on=entry.booked_on,
        received_at=now,
        method=METHOD,
        reference=reference or entry.text or None,
        invoice_ids=tuple(invoice_ids),
    )


def reversal_of(key: str, entry: BankEntryIn, original: Original, now: datetime) -> ReversalIn:
    """The reversal that an entry is, once it is known of which payment."""
    return ReversalIn(
        key=key,
        kind=ReversalKind.RETURNED_DEBIT,
        customer_id=original.customer_id,
        amount=entry.amount,
        reversed_on=entry.booked_on,
        received_at=now,
        payment_id=original.payment_id,
    )


def task_key(entry_key: str) -> str:
    """Of the task that asks about an entry."""
    return derive("bank entry", entry_key)


def match_task(
    key: str, entry: BankEntryIn, entry_id: int, likely: Likely, now: datetime
) -> dict[str, Any]:
    candidates = [
        {"customer_id": one.customer_id, "invoice_ids": list(one.invoice_ids), "score": one.score}
        for one in likely.candidates
    ]
    asked = {"kind": "bank_match", "title": MATCH_TITLE}
    return asked | _task(key, entry, entry_id, now, {"candidates": candidates})


def return_task(
    key: str, entry: BankEntryIn, entry_id: int, originals: Sequence[Original], now: datetime
) -> dict[str, Any]:
    payment_ids = [original.payment_id for original in originals]
    asked = {"kind": "bank_return", "title": RETURN_TITLE}
    return asked | _task(key, entry, entry_id, now, {"payment_ids": payment_ids})


def _task(
    key: str, entry: BankEntryIn, entry_id: int, now: datetime, choices: dict[str, Any]
) -> dict[str, Any]:
    return {
        "key": task_key(key),
        "team": "finance",
        "detail": {
            "bank_entry_id": entry_id,
            "currency": entry.amount.currency,
            "amount_minor": entry.amount.minor,
            **choices,
        },
        "created_at": now,
        "due_at": now + DONE_WITHIN,
    }
