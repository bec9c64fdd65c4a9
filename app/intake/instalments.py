"""Instalments of plans: paid as money comes in, missed when their grace is over, and the end of the
plan when its rescue is over as well.

    due ──── paid          money that came in since the agreement covers it
     ├────── moved         it got another date, or its amount went to later ones
     └ missed ── paid      within the rescue
              ├─ moved
              └─ (the plan breaks)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
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
    """Marks the unpaid instalments that the payments since the agreement cover, oldest first.

    The customers' guards are held by the caller. Answers how many are new.
    """
    paid = 0
    for part in chunks(sorted(set(customer_ids))):
        running = select(_PLAN).where(_PLAN.c.customer_id.in_(part), _PLAN.c.state == "running")
        for plan in session.connection().execute(running).all():
            paid += _pay(session, plan)
    return paid


def miss_instalments(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Marks the instalments that are unpaid after their grace, and ends the running plans whose
    rescue is over as well. Answers how many plans were concerned.

    A plan breaks once: its instalments past grace are missed, the later ones stay as they were.
    """
    query = (
        select(_PLAN.c.id, _PLAN.c.customer_id, _CUSTOMER.c.person_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _PLAN.c.customer_id)
        .where(
            _PLAN.c.state == "running",
            # From the instalments to their plans: joined, SQLite would begin with all plans.
            _PLAN.c.id.in_(select(_INSTALMENT.c.plan_id).where(late(now))),
        )
        .order_by(_PLAN.c.id)
        .limit(limit)
    )
    found = session.connection().execute(query).all()
    lock_persons(session, (row.person_id for row in found))
    pay_instalments(session, [row.customer_id for row in found])
    owners = {row.id: row.customer_id for row in found}
    touched = _miss(session, owners, now) | _break(session, owners, now)
    return len(touched)


def late(now: datetime) -> ColumnElement[bool]:
    """An instalment of a running plan that is to be marked as missed, or whose plan breaks."""
    return or_(_is_missed(now), _is_lost(now))


def _is_missed(now: datetime) -> ColumnElement[bool]:
    return and_(_INSTALMENT.c.state == word("due"), _INSTALMENT.c.grace_until <= now)


def _is_lost(now: datetime) -> ColumnElement[bool]:
    """Never one of a plan that is broken already: nothing is left there to end."""
    return and_(_INSTALMENT.c.state == word("missed"), _INSTALMENT.c.breaks_at <= now)


def _miss(session: Session, owners: Mapping[int, int], now: datetime) -> set[int]:
    missed = session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.plan_id.in_(sorted(owners)), _is_missed(now))
        .values(
            state="missed",
            breaks_at=func.coalesce(_INSTALMENT.c.breaks_at, _INSTALMENT.c.grace_until),
        )
        .returning(_INSTALMENT.c.id, _INSTALMENT.c.plan_id)
    )
    found = sorted(tuple(row) for row in missed)
    facts = [
        Happened(
            Signal.INSTALMENT_MISSED,
            at=now,
            customer_id=owners[plan_id],
            key=f"instalment_missed:{instalment_id}",
            payload={"plan_id": plan_id, "instalment_id": instalment_id},
        )
        for instalment_id, plan_id in found
    ]
    record(session, facts, now=now)
    return {plan_id for _, plan_id in found}


def _break(session: Session, owners: Mapping[int, int], now: datetime) -> set[int]:
    lost = select(_INSTALMENT.c.plan_id).where(_is_lost(now))
    broken = session.connection().execute(
        update(_PLAN)
        .where(_PLAN.c.id.in_(sorted(owners)), _PLAN.c.state == "running", _PLAN.c.id.in_(lost))
        .values(state="broken", ended_at=now)
        .returning(_PLAN.c.id)
    )
    ids = sorted(broken.scalars())
    session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.plan_id.in_(ids), _INSTALMENT.c.state == "missed")
        .values(breaks_at=None)
    )
    facts = [
        Happened(
            Signal.PLAN_BROKEN,
            at=now,
            customer_id=owners[plan_id],
            key=f"plan_broken:{plan_id}",
            payload={"plan_id": plan_id},
        )
        for plan_id in ids
    ]
    record(session, facts, now=now)
    return set(ids)


def _pay(session: Session, plan: Row[Any]) -> int:
    query = (
        select(_INSTALMENT.c.id, _INSTALMENT.c.amount_minor)
        .where(_INSTALMENT.c.plan_id == plan.id, _INSTALMENT.c.state != "moved")
        .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
    )
    instalments = session.connection().execute(query).all()
    came = _paid_since(session, plan)
    needed = accumulate(row.amount_minor for row in instalments)
    covered = [row.id for row, sum_ in zip(instalments, needed, strict=True) if sum_ <= came]
    done = session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.id.in_(covered), _INSTALMENT.c.state.in_(("due", "missed")))
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
