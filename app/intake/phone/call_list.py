"""Whom to call now: calls at a time of the customer's choice first, then those worth most.

What a call is worth is what is open times how probable it is that they react: of so many messages
they reacted to so many, and one more of each kind is assumed of everybody (so nobody counts as
certain, and nobody as lost). The row says both figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row, Select, and_, exists, func, select, text
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.intake.call_hours import Number
from app.intake.leases import Lease, leases
from app.intake.phone.numbers import Bar, Known, Line, RulesOf
from app.store.columns import NOTHING
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import (
    CallWish,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Invoice,
    Task,
)
from campaigns.money import Money

ROWS: Final = 40
LOOKED_AT: Final = 1_000
"""Calls of a kind that are weighed at once, the oldest: a team makes some hundred a day."""
ASKED: Final = 200
"""Of the weighed, how many are asked at most whether they may be called now."""
_TOGETHER: Final = 50
SOON: Final = timedelta(minutes=10)
"""How long before its time a wished call stands in the list."""

_CUSTOMER, _CREDITOR, _TASK = table_of(Customer), table_of(Creditor), table_of(Task)
_WISH, _INVOICE, _POINT = table_of(CallWish), table_of(Invoice), table_of(ContactPoint)
_DISPUTE = table_of(Dispute)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a call is worth: `open` times how probable it is that they react."""

    open: Money | None
    reacted: int = 0
    messages: int = 0

    @property
    def chance(self) -> float:
        return (self.reacted + 1) / (self.messages + 2)

    @property
    def weight(self) -> float:
        return float(self.open.decimal) * self.chance if self.open is not None else 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call to make: why, to whom, and where. Exactly one of `line` and `bar` is there."""

    task: Row[Any]
    worth: Worth
    line: Line | None = field(default=None, repr=False)
    bar: Bar | None = None

    @property
    def key(self) -> str:
        return call_key(self.task.customer_id)

    @property
    def asked_for(self) -> bool:
        return bool(self.task.kind == "call_me")


@dataclass(frozen=True, slots=True)
class CallList:
    now: Sequence[Call]
    not_now: Sequence[Call]
    at_work: Mapping[str, Lease]


def call_key(customer_id: int) -> str:
    """What a lease for calling somebody is named: of several calls to one person one is made."""
    return f"call:{customer_id}"


def call_list(
    session: Session, rules: RulesOf, now: datetime, *, language: str | None = None
) -> CallList:
    """The calls that may be made now, in their order, and some that may not, with why; of those who
    speak a language, where it is given."""
    found = _ordered(session, now, language)
    may: list[Call] = []
    may_not: list[Call] = []
    for batch in _batches(found[:ASKED]):
        for call in _asked(session, batch, rules, now):
            (may if call.line is not None else may_not).append(call)
        if len(may) >= ROWS:
            break
    shown = may[:ROWS]
    at_work = leases(session, [call.key for call in shown], now)
    return CallList(shown, may_not[:ROWS], at_work)


def call_of(session: Session, rules: RulesOf, task_id: int, now: datetime) -> Call | None:
    """One call, if it is still to be made."""
    query = _OPEN.where(_TASK.c.id == task_id)
    rows = session.connection().execute(query).all()
    found = list(_asked(session, _weighed(session, rows), rules, now))
    return found[0] if found else None


def _ordered(session: Session, now: datetime, language: str | None) -> list[Call]:
    query = _OPEN.order_by(_TASK.c.id).limit(LOOKED_AT)
    if language is not None:
        query = query.where(_CUSTOMER.c.locale.startswith(language))
    kinds = (query.where(_TASK.c.kind == kind) for kind in ("call_me", "call"))
    found = (row for each in kinds for row in session.connection().execute(each))
    rows = [row for row in found if _is_time(row, now)]
    return sorted(_weighed(session, rows), key=lambda call: _place(call, now))


def _is_time(row: Row[Any], now: datetime) -> bool:
    return row.starts_at is None or row.starts_at <= now + SOON


def _place(call: Call, now: datetime) -> tuple[int, float, int]:
    """Wished for now, by its end; then wished before and missed; then the most worth."""
    task = call.task
    if task.ends_at is not None:
        group = 0 if task.ends_at > now else 1
        return group, task.ends_at.timestamp(), task.id
    return 2, -call.worth.weight, task.id


def _weighed(session: Session, rows: Sequence[Row[Any]]) -> list[Call]:
    ids = sorted({row.customer_id for row in rows})
    owed: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows_given(session, _OWED, ids):
        owed[row.customer_id][row.currency] = int(row.open)
    reacted = {row.customer_id: row for row in rows_given(session, _REACTED, ids)}
    return [
        Call(row, _worth(row, owed[row.customer_id], reacted.get(row.customer_id))) for row in rows
    ]


def _worth(row: Row[Any], owed: Mapping[str, int], reacted: Row[Any] | None) -> Worth:
    """In the creditor's currency, or in the only other one that is owed in."""
    currency = row.currency if row.currency in owed else min(owed, default=None)
    amount = Money(owed[currency], currency) if currency is not None else None
    if reacted is None:
        return Worth(amount)
    return Worth(amount, int(reacted.answered), int(reacted.asked))


def _batches(calls: Sequence[Call]) -> Iterator[Sequence[Call]]:
    remaining = iter(calls)
    while batch := list(islice(remaining, _TOGETHER)):
        yield batch


def _asked(
    session: Session, calls: Sequence[Call], rules: RulesOf, now: datetime
) -> Iterator[Call]:
    known = Known.of(session, sorted({c.task.customer_id for c in calls}), rules, now)
    for call in calls:
        number = _wished(call.task, known.numbers.get(call.task.customer_id, ()))
        found = known.line(call.task.customer_id, number, now, asked_for=call.asked_for)
        if isinstance(found, Line):
            yield Call(call.task, call.worth, line=found)
        else:
            yield Call(call.task, call.worth, bar=found)


def _wished(task: Row[Any], own: Sequence[Number]) -> Number | None:
    """The number that the customer asked to be called at, while it is theirs."""
    if task.typed:
        return Number(None, task.typed)
    return next((each for each in own if each.address_id == task.wished_address), None)


_OPEN: Final[Select[Any]] = (
    select(
        *(_TASK.c[name] for name in ("id", "key", "kind", "title", "customer_id", "case_id")),
        *(_TASK.c[name] for name in ("owner", "detail", "created_at", "due_at")),
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
        _CUSTOMER.c.locale,
        _CUSTOMER.c.creditor_id,
        _CREDITOR.c.name.label("creditor"),
        _CREDITOR.c.currency,
        _WISH.c.id.label("wish_id"),
        _WISH.c.address_id.label("wished_address"),
        _WISH.c.number.label("typed"),
        _WISH.c.starts_at,
        _WISH.c.ends_at,
    )
    .join_from(_TASK, _CUSTOMER, _CUSTOMER.c.id == _TASK.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .outerjoin(_WISH, and_(_WISH.c.task_key == _TASK.c.key, _WISH.c.cancelled_at.is_(None)))
    # Written out, for that is what the partial index is found by.
    .where(text("task.state = 'open' AND task.kind IN ('call', 'call_me')"))
)
_OWED: Final = (
    select(
        _INVOICE.c.customer_id, _INVOICE.c.currency, func.sum(_INVOICE.c.open_minor).label("open")
    )
    .where(
        _INVOICE.c.customer_id.in_(GIVEN),
        _INVOICE.c.open_minor > NOTHING,
        ~exists().where(_DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state.in_(CARVED_OUT)),
    )
    .group_by(_INVOICE.c.customer_id, _INVOICE.c.currency)
)
_REACTED: Final = (
    select(
        _POINT.c.customer_id,
        func.sum(_POINT.c.asked).label("asked"),
        func.sum(_POINT.c.answered).label("answered"),
    )
    .where(_POINT.c.customer_id.in_(GIVEN))
    .group_by(_POINT.c.customer_id)
)
