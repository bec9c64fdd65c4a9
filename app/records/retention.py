"""What is past its time goes by itself: how long each kind of record is kept, and from when.

Nothing goes that a claim or a proceeding may need: whoever owes, has an open journey or plan, or is
under a legal hold is left alone, however old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never

from sqlalchemy import Select, exists, or_, select, update
from sqlmodel import Session

from app.records.erasure import ErasureReason, erase_customers
from app.store.bulk import table_of
from app.store.engines import Database
from app.store.guard import lock_persons
from app.store.rows import Case, Customer, Hold, Inbound, Invoice, Message, Plan
from campaigns.vocabulary import HoldKind

BATCH: Final = 200

_CUSTOMER, _CASE, _HOLD = table_of(Customer), table_of(Case), table_of(Hold)
_INBOUND, _INVOICE = table_of(Inbound), table_of(Invoice)
_MESSAGE, _PLAN = table_of(Message), table_of(Plan)


class Kept(StrEnum):
    """A class of records."""

    CALLBACKS = "callbacks"  # raw callbacks: addresses and words as providers sent them
    OUTREACH = "outreach"  # who they are, how to reach them, what was written either way


class Since(StrEnum):
    """What the time is counted from."""

    HANDLED = "handled"
    LAST_ACTIVITY = "last_activity"  # the last change of the book, message or journey


@dataclass(frozen=True, slots=True)
class Retention:
    """`what` is kept for so many days from `counted_from`. Of several, the longest counts."""

    what: Kept
    days: int
    counted_from: Since
    source: str


DEFAULTS: Final = (
    Retention(Kept.CALLBACKS, 90, Since.HANDLED, "house rule: a complaint can be looked into"),
    Retention(Kept.OUTREACH, 1096, Since.LAST_ACTIVITY, "12 CFR 1006.100: 3 years"),
)


def apply_retention(
    database: Database,
    rules: Sequence[Retention],
    *,
    secret: bytes,
    now: datetime,
    batch: int = BATCH,
) -> Mapping[Kept, int]:
    """Batch after batch, a transaction each. Answers how many of each kind went."""
    return {
        kept: _until_none(database, kept, now - timedelta(days=days), secret, now, batch)
        for kept, days in _longest(rules).items()
    }


def _longest(rules: Sequence[Retention]) -> Mapping[Kept, int]:
    found: dict[Kept, int] = {}
    for rule in rules:
        found[rule.what] = max(rule.days, found.get(rule.what, 0))
    return found


def _until_none(
    database: Database, kept: Kept, before: datetime, secret: bytes, now: datetime, batch: int
) -> int:
    """Looks without a lock, from id to id, and writes what it found a batch at a time."""
    total = last = 0
    old = _old(kept, before)
    id_ = old.selected_columns.id
    while True:
        with database.read() as session:
            page = old.where(id_ > last).order_by(id_).limit(batch)
            ids = session.connection().execute(page).scalars().all()
        if not ids:
            return total
        with database.write() as session:
            total += _let_go(session, kept, old, ids, secret, now)
        last = ids[-1]


def _old(kept: Kept, before: datetime) -> Select[Any]:
    match kept:
        case Kept.CALLBACKS:
            return select(_INBOUND.c.id).where(
                _INBOUND.c.handled_at < before, _INBOUND.c.body != ""
            )
        case Kept.OUTREACH:
            return _at_rest(before)
        case _:
            assert_never(kept)


def _let_go(
    session: Session,
    kept: Kept,
    old: Select[Any],
    ids: Sequence[int],
    secret: bytes,
    now: datetime,
) -> int:
    match kept:
        case Kept.CALLBACKS:
            # The row stays, so that the same callback still lands once.
            emptied = update(_INBOUND).where(_INBOUND.c.id.in_(ids))
            session.connection().execute(emptied.values(body="", headers={}))
            return len(ids)
        case Kept.OUTREACH:
            return _erase_outreach(session, old, ids, secret, now)
        case _:
            assert_never(kept)


def _erase_outreach(
    session: Session, old: Select[Any], ids: Sequence[int], secret: bytes, now: datetime
) -> int:
    """Asked again under the guards: somebody may have bought, or been written to, meanwhile."""
    whose = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id.in_(ids))
    lock_persons(session, session.connection().execute(whose).scalars().all())
    still = session.connection().execute(old.where(_CUSTOMER.c.id.in_(ids))).scalars().all()
    reason = ErasureReason.RETENTION
    return len(erase_customers(session, still, reason=reason, secret=secret, now=now))


def _at_rest(before: datetime) -> Select[Any]:
    """Customers with whom nothing has happened since, and whom nothing needs."""
    return select(_CUSTOMER.c.id).where(
        _CUSTOMER.c.erased_at.is_(None),
        _CUSTOMER.c.created_at < before,
        or_(_CUSTOMER.c.ledger_changed_at.is_(None), _CUSTOMER.c.ledger_changed_at < before),
        *_NOTHING_NEEDS_IT,
        ~exists().where(
            _CASE.c.customer_id == _CUSTOMER.c.id,
            or_(_CASE.c.phase != "closed", _CASE.c.closed_at >= before),
        ),
        ~exists().where(_MESSAGE.c.customer_id == _CUSTOMER.c.id, _MESSAGE.c.updated_at >= before),
    )


_NOTHING_NEEDS_IT = (
    ~exists().where(_INVOICE.c.customer_id == _CUSTOMER.c.id, _INVOICE.c.open_minor > 0),
    ~exists().where(_PLAN.c.customer_id == _CUSTOMER.c.id, _PLAN.c.state == "running"),
    ~exists().where(
        _HOLD.c.person_id == _CUSTOMER.c.person_id,
        _HOLD.c.kind == str(HoldKind.LEGAL),
        _HOLD.c.released_at.is_(None),
    ),
)
