"""Instalments of plans: paid as money comes in, missed when their grace is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlmodel import Session

from app.store.bulk import chunks, table_of
from app.store.columns import word
from app.store.guard import lock_persons
from app.store.journal import Happened, record
from app.store.rows import Customer, Instalment, Payment, Plan, Reversal
from campaigns.vocabulary import Signal

_PLAN, _INSTALMENT, _CUSTOMER = table_of(Plan), table_of(Instalment), table_of(Customer)
_PAYMENT, _REVERSAL = table_of(Payment), table_of(Reversal)


def pay_instalments(session: Session, customer_ids: Sequence[int]) -> int:
    """Marks the due instalments that the payments since the agreement cover, the first ones first.

    The customers' guards are held by the caller. Answers how many are new.
    """
    paid = 0
    for part in chunks(sorted(set(customer_ids))):
        running = select(_PLAN).where(_PLAN.c.customer_id.in_(part), _PLAN.c.state == "running")
        for plan in session.connection().execute(running).all():
            paid += _pay(session, plan)
    return paid


def miss_instalments(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Ends the running plans of which an instalment is unpaid after its grace. Answers how many.

    The plan breaks once: its instalments past grace are missed, the later ones stay as they were.
    """
    overdue = (_INSTALMENT.c.state == word("due"), _INSTALMENT.c.grace_until <= now)
    query = (
        select(_PLAN.c.id, _PLAN.c.customer_id, _CUSTOMER.c.person_id)
        .distinct()
        .join(_INSTALMENT, _INSTALMENT.c.plan_id == _PLAN.c.id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _PLAN.c.customer_id)
        .where(_PLAN.c.state == "running", *overdue)
        .order_by(_PLAN.c.id)
        .limit(limit)
    )
    found = session.connection().execute(query).all()
    lock_persons(session, (row.person_id for row in found))
    pay_instalments(session, [row.customer_id for row in found])
    missed = session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.plan_id.in_([row.id for row in found]), *overdue)
        .values(state="missed")
        .returning(_INSTALMENT.c.plan_id)
    )
    return _break(session, sorted(set(missed.scalars())), now)


def _break(session: Session, plan_ids: Sequence[int], now: datetime) -> int:
    broken = session.connection().execute(
        update(_PLAN)
        .where(_PLAN.c.id.in_(plan_ids), _PLAN.c.state == "running")
        .values(state="broken", ended_at=now)
        .returning(_PLAN.c.id, _PLAN.c.customer_id)
    )
    facts = [
        Happened(
            Signal.PLAN_BROKEN,
            at=now,
            customer_id=row.customer_id,
            key=f"plan_broken:{row.id}",
            payload={"plan_id": row.id},
        )
        for row in sorted(broken)
    ]
    return len(record(session, facts, now=now))


def _pay(session: Session, plan: Row[Any]) -> int:
    query = (
        select(_INSTALMENT.c.id, _INSTALMENT.c.amount_minor)
        .where(_INSTALMENT.c.plan_id == plan.id)
        .order_by(_INSTALMENT.c.number)
    )
    instalments = session.connection().execute(query).all()
    came = _paid_since(session, plan)
    needed = accumulate(row.amount_minor for row in instalments)
    covered = [row.id for row, sum_ in zip(instalments, needed, strict=True) if sum_ <= came]
    done = session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.id.in_(covered), _INSTALMENT.c.state == "due")
        .values(state="paid")
    )
    if instalments and len(covered) == len(instalments):
        session.connection().execute(
            update(_PLAN).where(_PLAN.c.id == plan.id).values(state="completed")
        )
    return done.rowcount


def _paid_since(session: Session, plan: Row[Any]) -> int:
    """What came in since the plan was agreed, less what went back of it."""
    since = (
        _PAYMENT.c.customer_id == plan.customer_id,
        _PAYMENT.c.currency == plan.currency,
        _PAYMENT.c.received_at >= plan.agreed_at,
    )
    came = select(func.coalesce(func.sum(_PAYMENT.c.amount_minor), 0)).where(*since)
    back = (
        select(func.coalesce(func.sum(_REVERSAL.c.amount_minor), 0))
        .join_from(_REVERSAL, _PAYMENT, _REVERSAL.c.payment_id == _PAYMENT.c.id)
        .where(*since)
    )
    run = session.connection().execute
    return int(run(came).scalar_one()) - int(run(back).scalar_one())
