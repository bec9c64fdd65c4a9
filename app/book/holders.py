"""Whose ledger changes: locks the persons behind customers, and marks that their book changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, event, select, update
from sqlmodel import Session

from app.book.errors import UnknownCustomer
from app.book.instalments import follow_money
from app.store.columns import word
from app.store.given import GIVEN, change_given, rows_given, table_of
from app.store.guard import lock_persons, raise_revisions
from app.store.journal import wake
from app.store.rows import Case, Creditor, Customer

_CASE = table_of(Case)
_CREDITOR = table_of(Creditor)
_CHANGED: Final = "creditors whose book was changed"
_CUSTOMER = table_of(Customer)


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer whose person's guard is locked by this transaction."""

    customer_id: int
    person_id: int
    creditor_id: int


def hold(session: Session, customer_ids: Iterable[int]) -> dict[int, Holder]:
    """Locks the guards of the customers' persons. Raises `UnknownCustomer` for an id without row.

    Read the ledger only after this: another writer may have changed it while we waited.
    """
    wanted = sorted(set(customer_ids))
    held = {row.id: Holder(*row) for row in rows_given(session, _HELD, wanted)}
    for customer_id in wanted:
        if customer_id not in held:
            raise UnknownCustomer(customer_id)
    lock_persons(session, (holder.person_id for holder in held.values()))
    return held


def mark_changed(session: Session, holders: Collection[Holder], *, now: datetime) -> None:
    """Raises the revisions of the persons' guards, the customers and the creditors; the plans of
    these customers follow what has changed."""
    follow_money(session, (holder.customer_id for holder in holders), now=now)
    raise_revisions(session, (holder.person_id for holder in holders))
    ids = sorted(holder.customer_id for holder in holders)
    change_given(session, _CUSTOMERS_CHANGED, ids, now=now)
    _change_creditors_last(session, {holder.creditor_id for holder in holders})


def wake_customers(session: Session, customer_ids: Iterable[int], *, now: datetime) -> None:
    """Has the open cases of these customers looked at now, without a signal to react to."""
    open_cases = rows_given(session, _OPEN_CASES, sorted(set(customer_ids)))
    wake(session, [case_id for (case_id,) in open_cases], now=now)


def _change_creditors_last(session: Session, creditor_ids: Collection[int]) -> None:
    """Just before the commit: all payments of a creditor wait for this row."""
    if _CHANGED not in session.info:
        event.listen(session, "before_commit", _change_creditors)
    session.info.setdefault(_CHANGED, set()).update(creditor_ids)


def _change_creditors(session: Session) -> None:
    if session.in_nested_transaction():  # the end of a savepoint, not of the transaction
        return
    for creditor_id in sorted(session.info[_CHANGED]):
        change_given(session, _CREDITORS_CHANGED, [creditor_id])
    session.info[_CHANGED] = set()


_HELD = select(_CUSTOMER.c.id, _CUSTOMER.c.person_id, _CUSTOMER.c.creditor_id).where(
    _CUSTOMER.c.id.in_(GIVEN)
)
_CUSTOMERS_CHANGED = (
    update(_CUSTOMER)
    .where(_CUSTOMER.c.id.in_(GIVEN))
    .values(ledger_revision=_CUSTOMER.c.ledger_revision + 1, ledger_changed_at=bindparam("now"))
)
_CREDITORS_CHANGED = (
    update(_CREDITOR)
    .where(_CREDITOR.c.id.in_(GIVEN))
    .values(ledger_revision=_CREDITOR.c.ledger_revision + 1)
)
_OPEN_CASES = (
    select(_CASE.c.id)
    .where(_CASE.c.customer_id.in_(GIVEN), _CASE.c.phase != word("closed"))
    .order_by(_CASE.c.id)
)
