"""Tasks to give a notice before its term since the due date runs out, and to report payments where
a law wants that: once a day, for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, exists, select
from sqlmodel import Session

from app.engine.catalogue import Catalogue, NotPublished
from app.intake.bound import bound_facts
from app.intake.tasks import Team
from app.store.bulk import insert_new
from app.store.columns import NOTHING
from app.store.given import rows_by_id, table_of
from app.store.rows import Creditor, Customer, Invoice, Notice, Payment, Task
from app.store.tasks import standing_keys
from campaigns.duties import Act, Deadline
from campaigns.duties import Notice as NoticeRule
from campaigns.notices import deadlines, notices_after
from campaigns.ruleset import RuleSet

AHEAD = timedelta(days=30)
"""How long before the term runs out somebody is asked."""
REPORTED_FROM, REPORTED_WITHIN = timedelta(days=7), timedelta(days=7)
"""Payments so old are looked at, and so long somebody has for each. The law gives no number."""
_SLACK = timedelta(days=4)
"""Months differ by so much; the exact end is asked of each row."""

_INVOICE, _NOTICE, _CREDITOR = table_of(Invoice), table_of(Notice), table_of(Creditor)
_PAYMENT = table_of(Payment)


def give_due_notices(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Gives each task once; a notice that is on record since the due date needs none."""
    found: dict[str, dict[str, Any]] = {}
    for creditor in session.connection().execute(select(_CREDITOR).order_by(_CREDITOR.c.id)):
        try:
            rules = catalogue.policy(creditor.id).rules
        except NotPublished:
            continue
        rows = tuple(_counted(rules))
        if rows:
            found |= {task["key"]: task for task in _tasks(session, creditor, rules, rows, now)}
        if any(isinstance(rule, NoticeRule) and rule.after is Act.PAYMENT for rule in rules.rules):
            found |= {task["key"]: task for task in _reports(session, creditor, rules, now)}
    keys = standing_keys(session, found)
    tasks = [{**found[name], "key": key} for name, key in keys.items()]
    return len(insert_new(session, Task, tasks))


def _counted(rules: RuleSet) -> Iterator[Deadline]:
    for rule in rules.rules:
        if isinstance(rule, Deadline) and rule.after is Act.DUE_DATE and rule.within is not None:
            yield rule


def _tasks(
    session: Session,
    creditor: Row[Any],
    rules: RuleSet,
    rows: Sequence[Deadline],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    owed = _owed(session, creditor.id, rows, now)
    customers = rows_by_id(session, Customer, {customer_id for customer_id, _ in owed})
    for customer_id, due_on in owed:
        facts = bound_facts(customers[customer_id], creditor, due_on=due_on)
        start = datetime.combine(due_on, time(), now.tzinfo)
        for row in deadlines(facts, rules, now):
            if row not in rows or row.within is None:
                continue
            ends = row.within.after(start)
            if now < ends <= now + AHEAD:
                yield _task(row, customer_id, ends, now)


def _reports(
    session: Session, creditor: Row[Any], rules: RuleSet, now: datetime
) -> Iterator[dict[str, Any]]:
    """Whom a payment must be told, of each that came in lately."""
    query = select(_PAYMENT.c.id, _PAYMENT.c.customer_id).where(
        _PAYMENT.c.creditor_id == creditor.id, _PAYMENT.c.received_at > now - REPORTED_FROM
    )
    payments = session.connection().execute(query.order_by(_PAYMENT.c.id)).all()
    customers = rows_by_id(session, Customer, {payment.customer_id for payment in payments})
    for payment in payments:
        facts = bound_facts(customers[payment.customer_id], creditor)
        for row in notices_after(Act.PAYMENT, facts, rules, now):
            yield {
                "key": f"notice:{row.notice}:{payment.id}",
                "team": str(Team.COLLECTIONS),
                "kind": "notice",
                "title": f"Make the {str(row.notice).replace('_', ' ')}: a payment came in",
                "customer_id": payment.customer_id,
                "detail": {
                    "ask": "payment",
                    "act": str(row.notice),
                    "rule": row.id,
                    "payment_id": payment.id,
                },
                "created_at": now,
                "due_at": now + REPORTED_WITHIN,
            }


def _owed(session: Session, creditor_id: int, rows: Sequence[Deadline], now: datetime) -> list[Any]:
    """Customers and due dates whose term is about to run out, and that have no notice since."""
    terms = [row.within.after(now) - now for row in rows if row.within is not None]
    acts = sorted({str(row.act) for row in rows})
    given = exists().where(
        _NOTICE.c.customer_id == _INVOICE.c.customer_id,
        _NOTICE.c.act.in_(acts),
        _NOTICE.c.at >= _INVOICE.c.due_on,
    )
    query = (
        select(_INVOICE.c.customer_id, _INVOICE.c.due_on)
        .where(
            _INVOICE.c.creditor_id == creditor_id,
            _INVOICE.c.open_minor > NOTHING,
            _INVOICE.c.due_on >= (now - max(terms) - _SLACK).date(),
            _INVOICE.c.due_on <= (now - min(terms) + AHEAD + _SLACK).date(),
            ~given,
        )
        .distinct()
        .order_by(_INVOICE.c.due_on, _INVOICE.c.customer_id)
    )
    return list(session.connection().execute(query))


def _task(row: Deadline, customer_id: int, ends: datetime, now: datetime) -> dict[str, Any]:
    return {
        "key": f"notice:{row.act}:{customer_id}",
        "team": str(Team.COLLECTIONS),
        "kind": "notice",
        "title": f"Give the {str(row.act).replace('_', ' ')} within {row.within} of the due date",
        "customer_id": customer_id,
        "detail": {"act": str(row.act), "rule": row.id},
        "created_at": now,
        "due_at": ends,
    }
