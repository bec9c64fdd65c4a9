"""What time alone changes of instalments: missed when their grace is over, and the end of the plan
when its rescue is over as well. Paid, and due again, they become in `book.instalments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlmodel import Session

from app.book.instalments import follow_money, missed
from app.store.columns import word
from app.store.given import table_of
from app.store.guard import lock_persons
from app.store.journal import Happened, record
from app.store.rows import Customer, Instalment, Plan
from campaigns.vocabulary import Signal

_PLAN, _INSTALMENT, _CUSTOMER = table_of(Plan), table_of(Instalment), table_of(Customer)


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
    follow_money(session, {row.customer_id for row in found}, now=now)
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
    late_ones = session.connection().execute(
        update(_INSTALMENT)
        .where(_INSTALMENT.c.plan_id.in_(sorted(owners)), _is_missed(now))
        .values(
            state="missed",
            breaks_at=func.coalesce(_INSTALMENT.c.breaks_at, _INSTALMENT.c.grace_until),
        )
        .returning(_INSTALMENT.c.id, _INSTALMENT.c.plan_id)
    )
    found = sorted(tuple(row) for row in late_ones)
    facts = [missed(owners[plan_id], plan_id, id_, at=now) for id_, plan_id in found]
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
        .where(_INSTALMENT.c.plan_id.in_(ids), _INSTALMENT.c.state == word("missed"))
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
