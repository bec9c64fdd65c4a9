"""Tasks to give a notice before its term since the due date runs out: once a day, for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, exists, select
from sqlmodel import Session

from app.engine.catalogue import Catalogue, NotPublished
from app.intake.bound import bound_facts
from app.intake.tasks import Team
from app.store.bulk import insert_new, rows_by_id, table_of
from app.store.rows import Creditor, Customer, Invoice, Notice, Task
from app.store.tasks import standing_keys
from campaigns.duties import Act, Deadline
from campaigns.notices import deadlines
from campaigns.ruleset import RuleSet

AHEAD = timedelta(days=30)
"""How long before the term runs out somebody is asked."""
_SLACK = timedelta(days=4)
"""Months differ by so much; the exact end is asked of each row."""

_INVOICE, _NOTICE, _CREDITOR = table_of(Invoice), table_of(Notice), table_of(Creditor)


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
            _INVOICE.c.open_minor > 0,
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
