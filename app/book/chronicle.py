"""What happened between a customer and a creditor, as the customer may see it: said, agreed,
disputed. What was invoiced and paid is told by `statement`. It only reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BindParameter, Row, bindparam, select
from sqlmodel import Session

from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Dispute, Instalment, Invoice, Message, Plan, Promise
from campaigns.money import Money

_DISPUTE, _INVOICE, _MESSAGE = table_of(Dispute), table_of(Invoice), table_of(Message)
_INSTALMENT, _PLAN, _PROMISE = table_of(Instalment), table_of(Plan), table_of(Promise)


class HappeningKind(StrEnum):
    """What happened; on one instant in this order."""

    WRITTEN = "written"  # we sent a message
    PROMISED = "promised"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PLANNED = "planned"
    PLAN_COMPLETED = "plan_completed"
    PLAN_BROKEN = "plan_broken"
    DISPUTED = "disputed"
    DISPUTE_UPHELD = "dispute_upheld"
    DISPUTE_REJECTED = "dispute_rejected"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a plan: due, paid, missed, or moved to another."""

    due_on: date
    amount: Money
    state: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, with what is known of its kind: the medium of a message, the amount
    and the day of a promise, the parts of a plan, the invoice of a dispute."""

    kind: HappeningKind
    at: datetime
    medium: str | None = None
    amount: Money | None = None
    on: date | None = None
    number: str | None = None
    parts: tuple[Part, ...] = ()


_ORDER: Final = {kind: place for place, kind in enumerate(HappeningKind)}
_PROMISE_ENDS: Final[Mapping[str, HappeningKind]] = {
    "kept": HappeningKind.PROMISE_KEPT,
    "broken": HappeningKind.PROMISE_BROKEN,
}
_PLAN_ENDS: Final[Mapping[str, HappeningKind]] = {
    "completed": HappeningKind.PLAN_COMPLETED,
    "broken": HappeningKind.PLAN_BROKEN,
}
_DISPUTE_ENDS: Final[Mapping[str, HappeningKind]] = {
    "upheld": HappeningKind.DISPUTE_UPHELD,
    "rejected": HappeningKind.DISPUTE_REJECTED,
}


def chronicle(session: Session, customer_id: int, *, limit: int) -> Sequence[Happening]:
    """The newest that happened, at most `limit` of each kind, the oldest first."""
    asked = {"customer_id": customer_id, "limit": limit}
    found = [
        *_messages(session, asked),
        *_promises(session, asked),
        *_plans(session, asked),
        *_disputes(session, asked),
    ]
    return sorted(found, key=lambda one: (one.at, _ORDER[one.kind]))


def _messages(session: Session, asked: Mapping[str, int]) -> Iterator[Happening]:
    for row in session.connection().execute(_WRITTEN, asked):
        yield Happening(HappeningKind.WRITTEN, row.accepted_at, medium=row.medium)


def _promises(session: Session, asked: Mapping[str, int]) -> Iterator[Happening]:
    for row in session.connection().execute(_PROMISED, asked):
        amount = Money(row.amount_minor, row.currency)
        yield Happening(HappeningKind.PROMISED, row.made_at, amount=amount, on=row.due_on)
        if row.state in _PROMISE_ENDS and row.ended_at is not None:
            ended = _PROMISE_ENDS[row.state]
            yield Happening(ended, row.ended_at, amount=amount, on=row.due_on)


def _plans(session: Session, asked: Mapping[str, int]) -> Iterator[Happening]:
    plans = session.connection().execute(_PLANNED, asked).all()
    parts = _parts(session, plans)
    for row in plans:
        amount = Money(row.amount_minor, row.currency)
        of_it = tuple(parts[row.id])
        yield Happening(HappeningKind.PLANNED, row.agreed_at, amount=amount, parts=of_it)
        if row.state in _PLAN_ENDS and row.ended_at is not None:
            yield Happening(_PLAN_ENDS[row.state], row.ended_at, amount=amount)


def _parts(session: Session, plans: Sequence[Row[Any]]) -> Mapping[int, list[Part]]:
    currencies = {row.id: row.currency for row in plans}
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rows_given(session, _PARTS, sorted(currencies)) if plans else ():
        amount = Money(row.amount_minor, currencies[row.plan_id])
        found[row.plan_id].append(Part(row.due_on, amount, row.state))
    return found


def _disputes(session: Session, asked: Mapping[str, int]) -> Iterator[Happening]:
    for row in session.connection().execute(_DISPUTED, asked):
        yield Happening(HappeningKind.DISPUTED, row.opened_at, number=row.number)
        if row.state in _DISPUTE_ENDS and row.resolved_at is not None:
            yield Happening(_DISPUTE_ENDS[row.state], row.resolved_at, number=row.number)


_CUSTOMER: Final[BindParameter[int]] = bindparam("customer_id")
_LIMIT: Final[BindParameter[int]] = bindparam("limit")
_WRITTEN: Final = (
    select(_MESSAGE.c.accepted_at, _MESSAGE.c.medium)
    .where(_MESSAGE.c.customer_id == _CUSTOMER, _MESSAGE.c.accepted_at.is_not(None))
    .order_by(_MESSAGE.c.accepted_at.desc())
    .limit(_LIMIT)
)
_PROMISED: Final = (
    select(_PROMISE)
    .where(_PROMISE.c.customer_id == _CUSTOMER)
    .order_by(_PROMISE.c.id.desc())
    .limit(_LIMIT)
)
_PLANNED: Final = (
    select(_PLAN)
    .where(_PLAN.c.customer_id == _CUSTOMER, _PLAN.c.state != "offered")
    .order_by(_PLAN.c.id.desc())
    .limit(_LIMIT)
)
_PARTS: Final = (
    select(_INSTALMENT)
    .where(_INSTALMENT.c.plan_id.in_(GIVEN), _INSTALMENT.c.state != "moved")
    .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
)
_DISPUTED: Final = (
    select(_DISPUTE.c.opened_at, _DISPUTE.c.resolved_at, _DISPUTE.c.state, _INVOICE.c.number)
    .join(_INVOICE, _INVOICE.c.id == _DISPUTE.c.invoice_id)
    .where(_DISPUTE.c.customer_id == _CUSTOMER)
    .order_by(_DISPUTE.c.id.desc())
    .limit(_LIMIT)
)
