"""How long what is known of a customer is kept: the packs' rules, from what has happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, func, or_, select
from sqlmodel import Session

from app.engine.catalogue import Catalogue, NotPublished
from app.intake.bound import bound_facts
from app.store.columns import NOTHING, word
from app.store.given import GIVEN, rows_by_id, rows_given, table_of
from app.store.rows import Case, Creditor, Customer, Hold, Invoice, Message, Plan
from campaigns.duties import Act, Records, Retention
from campaigns.notices import duties_of
from campaigns.retention import Keeping, keeping, latest_start, outreach
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import HoldKind, SenderRole

_CUSTOMER, _CASE, _HOLD = table_of(Customer), table_of(Case), table_of(Hold)
_INVOICE, _MESSAGE, _PLAN = table_of(Invoice), table_of(Message), table_of(Plan)
_UNSAID = ("waiting", "sending", "unclear")


def keepings(
    session: Session, catalogue: Catalogue, customer_ids: Sequence[int], now: datetime
) -> dict[int, Keeping]:
    """For each of these customers. One whose creditor has no rules to be read is left out."""
    rows = rows_given(session, _ACTIVITY, customer_ids)
    creditors = rows_by_id(session, Creditor, {row.creditor_id for row in rows})
    found = {}
    for row in rows:
        creditor = creditors[row.creditor_id]
        try:
            rules = catalogue.policy(creditor.id).rules
        except NotPublished:
            continue
        duties = duties_of(bound_facts(row, creditor), rules, now)
        bound = outreach(duty for duty in duties if isinstance(duty, Retention))
        found[row.id] = keeping(bound, _counted(row, now))
    return found


def callbacks_before(catalogue: Catalogue, now: datetime) -> datetime | None:
    """Raw callbacks that were handled before it go: they are nobody's, so any rule counts."""
    rows = (
        row
        for creditor_id in catalogue.creditors
        for row in _retentions(catalogue.policy(creditor_id).rules, now)
    )
    return _gone_before((row for row in rows if row.records is Records.CALLBACKS), now)


def told_before(
    rules: RuleSet, creditor: Row[Any], records: Records, now: datetime
) -> datetime | None:
    """What a creditor's customers told or gave before it goes; None: no rule says when."""
    rows = (row for row in _retentions(rules, now) if row.records is records)
    return _gone_before((row for row in rows if _is_of(row, creditor)), now)


def rest_before(rules: RuleSet, creditor: Row[Any], now: datetime) -> datetime | None:
    """Whoever has been at rest since later than this is kept whatever else holds; None: all are."""
    most = [
        row.most
        for row in outreach(_retentions(rules, now))
        if row.most is not None and _is_of(row, creditor)
    ]
    return latest_start(most, now)


def at_rest(before: datetime) -> Select[Any]:
    """Customers with whom nothing has happened since, and whom nothing needs."""
    return select(_CUSTOMER.c.id).where(
        _CUSTOMER.c.erased_at.is_(None),
        _CUSTOMER.c.created_at < before,
        or_(_CUSTOMER.c.ledger_changed_at.is_(None), _CUSTOMER.c.ledger_changed_at < before),
        *NOTHING_NEEDS_IT,
        ~exists().where(
            _CASE.c.customer_id == _CUSTOMER.c.id,
            or_(_CASE.c.phase != word("closed"), _CASE.c.closed_at >= before),
        ),
        ~exists().where(
            _MESSAGE.c.customer_id == _CUSTOMER.c.id,
            or_(_MESSAGE.c.updated_at >= before, _MESSAGE.c.state.in_(_UNSAID)),
        ),
    )


def _counted(row: Row[Any], now: datetime) -> Mapping[Act, datetime]:
    """While something is open, activity goes on; a mandate is over once nothing of it is open."""
    if row.is_going_on:
        return {Act.LAST_COLLECTION_ACTIVITY: now}
    told = (row.created_at, row.ledger_changed_at, row.closed_at, row.said_at)
    last = max(at for at in told if at is not None)
    counted = {Act.LAST_COLLECTION_ACTIVITY: last}
    return {**counted, Act.MANDATE_END: last} if row.was_owed else counted


def _gone_before(rows: Iterable[Retention], now: datetime) -> datetime | None:
    bound = list(rows)
    lengths = [row.most.after(now) - now for row in bound if row.most]
    least = [row.least.after(now) - now for row in bound if row.least]
    return now - max([min(lengths), *least]) if lengths else None


def _retentions(rules: RuleSet, now: datetime) -> Iterator[Retention]:
    for rule in rules.rules:
        if isinstance(rule, Retention) and rule.in_force(now.date()):
            yield rule


def _is_of(row: Retention, creditor: Row[Any]) -> bool:
    roles, sectors = row.head.applies.roles, row.head.applies.sectors
    return (not roles or SenderRole(creditor.role) in roles) and (
        not sectors or creditor.sector in sectors
    )


_OWES = exists().where(_INVOICE.c.customer_id == _CUSTOMER.c.id, _INVOICE.c.open_minor > NOTHING)
_PAYS = exists().where(_PLAN.c.customer_id == _CUSTOMER.c.id, _PLAN.c.state == "running")
_IS_HELD = exists().where(
    _HOLD.c.person_id == _CUSTOMER.c.person_id,
    _HOLD.c.kind == str(HoldKind.LEGAL),
    _HOLD.c.released_at.is_(None),
)
NOTHING_NEEDS_IT = (~_OWES, ~_PAYS, ~_IS_HELD)
"""Of a customer: no claim, no plan and no proceeding does."""
_IN_CASE = exists().where(_CASE.c.customer_id == _CUSTOMER.c.id, _CASE.c.phase != word("closed"))
_ACTIVITY = select(
    _CUSTOMER,
    or_(_OWES, _PAYS, _IN_CASE).label("is_going_on"),
    exists().where(_INVOICE.c.customer_id == _CUSTOMER.c.id).label("was_owed"),
    select(func.max(_CASE.c.closed_at))
    .where(_CASE.c.customer_id == _CUSTOMER.c.id)
    .scalar_subquery()
    .label("closed_at"),
    select(func.max(_MESSAGE.c.updated_at))
    .where(_MESSAGE.c.customer_id == _CUSTOMER.c.id)
    .scalar_subquery()
    .label("said_at"),
).where(_CUSTOMER.c.id.in_(GIVEN))
