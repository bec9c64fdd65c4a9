"""Instalments follow the money: paid as soon as what came in covers them, due again when it goes
back.

Every change of a customer's book ends in `holders.mark_changed`, and that comes here: no door has
to think of it. What time alone changes (missed, broken) is not decided here.

    due ──── paid          what came in for the plan covers it
     ├────── moved         it got another date, or its amount went to later ones
     └ missed ── paid      within the rescue
              ├─ moved
              └─ (the plan breaks)
    paid ─── due           what had covered it went back; missed where its grace is over
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlmodel import Session

from app.book.envelope import house_of
from app.store.given import GIVEN, rows_given, table_of
from app.store.journal import Happened, record
from app.store.rows import Allocation, Customer, Instalment, Invoice, Plan
from campaigns.money import Money
from campaigns.vocabulary import Signal

_PLAN, _INSTALMENT, _CUSTOMER = table_of(Plan), table_of(Instalment), table_of(Customer)
_INVOICE, _ALLOCATION = table_of(Invoice), table_of(Allocation)
_UNPAID = ("due", "missed")


def follow_money(session: Session, customer_ids: Iterable[int], *, now: datetime) -> None:
    """Brings the latest plan of each customer up to date with what came in for it, oldest
    instalment first. A plan that is paid is completed, and runs again when money goes back.

    The customers' guards are held by the caller.
    """
    latest = {row.customer_id: row for row in rows_given(session, _PLANS, sorted(customer_ids))}
    for plan in latest.values():
        if plan.state in ("running", "completed"):
            _follow(session, plan, now)


def next_part(session: Session, plan_id: int) -> Money | None:
    """What is missing of the first unpaid instalment of a plan: a part of it may have come."""
    (plan,) = session.connection().execute(_A_PLAN, {"plan_id": plan_id}).all()
    left = -came_in(session, plan)
    for row in _in_order(session, plan.id):
        left += row.amount_minor
        if row.state in _UNPAID and left > 0:
            return Money(left, plan.currency)
    return None


def missing_of(session: Session, plan_id: int, instalment_id: int) -> Money | None:
    """What is missing of this instalment alone, when what came in is counted from the oldest on.
    Never more than it is, whatever is still out before it."""
    (plan,) = session.connection().execute(_A_PLAN, {"plan_id": plan_id}).all()
    left = -came_in(session, plan)
    for row in _in_order(session, plan.id):
        left += row.amount_minor
        if row.id == instalment_id and left > 0:
            return Money(min(left, row.amount_minor), plan.currency)
    return None


def came_in(session: Session, plan: Row[Any]) -> int:
    """What was settled of the plan's invoices since it was agreed, and stayed settled.

    A payment of before that goes back makes no instalment harder to pay. Where nothing is open any
    more all is covered, whatever settled it.
    """
    owed = rows_given(session, _STILL_OPEN, plan.invoice_ids)
    if not sum(row.open_minor for row in owed):
        return int(plan.amount_minor)
    by_payment: dict[int | None, int] = defaultdict(int)
    mark = plan.last_allocation_id
    for row in rows_given(session, _ALLOCATED, plan.invoice_ids, mark=mark):
        by_payment[row.payment_id] += row.amount_minor
    return sum(max(minor, 0) for minor in by_payment.values())


def last_allocation(session: Session) -> int:
    """What a plan that is agreed now keeps as `last_allocation_id`: later ones are paid into it.

    A number, not a clock: a payment and an agreement may share an instant.
    """
    return int(session.connection().execute(_LAST_ALLOCATION).scalar_one())


def _follow(session: Session, plan: Row[Any], now: datetime) -> None:
    rows = _in_order(session, plan.id)
    came, needed = came_in(session, plan), accumulate(row.amount_minor for row in rows)
    covered = [came >= sum_ for sum_ in needed]
    paid = [row.id for row, is_paid in zip(rows, covered, strict=True) if is_paid]
    lost = [row for row, is_paid in zip(rows, covered, strict=True) if not is_paid]
    session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.id.in_(paid), _INSTALMENT.c.state.in_(_UNPAID))
        .values(state="paid")
    )
    _reopen(session, plan, [row for row in lost if row.state == "paid"], now)
    running = {"state": "running", "ended_at": None, "resumed_at": now}
    changed = running if lost else {"state": "completed", "ended_at": now}
    if rows and changed["state"] != plan.state:
        session.connection().execute(update(_PLAN).where(_PLAN.c.id == plan.id).values(**changed))


def _reopen(session: Session, plan: Row[Any], rows: Sequence[Row[Any]], now: datetime) -> None:
    """What is late already has the whole grace and rescue again, from today."""
    if not rows:
        return
    house = house_of(session, plan.creditor_id)
    days = house.plans.grace_business_days + house.plans.rescue_business_days
    late = [row.id for row in rows if row.grace_until <= now]
    reopen = update(_INSTALMENT).where(_INSTALMENT.c.id.in_([row.id for row in rows]))
    session.connection().execute(reopen.values(state="due"))
    session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.id.in_(late))
        .values(state="missed", breaks_at=house.end_of(house.today(now), days))
    )
    record(session, [missed(plan.customer_id, plan.id, id_, at=now) for id_ in late], now=now)


def missed(customer_id: int, plan_id: int, instalment_id: int, *, at: datetime) -> Happened:
    """That an instalment is missed: once for each time that it is."""
    return Happened(
        Signal.INSTALMENT_MISSED,
        at=at,
        customer_id=customer_id,
        key=f"instalment_missed:{instalment_id}:{at.isoformat()}",
        payload={"plan_id": plan_id, "instalment_id": instalment_id},
    )


def _in_order(session: Session, plan_id: int) -> Sequence[Row[Any]]:
    return session.connection().execute(_INSTALMENTS, {"plan_id": plan_id}).all()


_PLANS = (
    select(_PLAN, _CUSTOMER.c.creditor_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _PLAN.c.customer_id)
    .where(_PLAN.c.customer_id.in_(GIVEN))
    .order_by(_PLAN.c.id)
)
_A_PLAN = select(_PLAN).where(_PLAN.c.id == bindparam("plan_id"))
_INSTALMENTS = (
    select(_INSTALMENT)
    .where(_INSTALMENT.c.plan_id == bindparam("plan_id"), _INSTALMENT.c.state != "moved")
    .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
)
_STILL_OPEN = select(_INVOICE.c.open_minor).where(_INVOICE.c.id.in_(GIVEN))
_ALLOCATED = select(_ALLOCATION.c.payment_id, _ALLOCATION.c.amount_minor).where(
    _ALLOCATION.c.invoice_id.in_(GIVEN), _ALLOCATION.c.id > bindparam("mark")
)
_LAST_ALLOCATION = select(func.coalesce(func.max(_ALLOCATION.c.id), 0))
