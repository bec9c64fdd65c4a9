"""What time alone makes true: promises broken, holds over. Bounded batches; repeating is harmless.

Each function takes at most `limit` rows and answers how many it changed: call it again while it
answers `limit`. Checkouts left lying are in `payments.stale`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, update
from sqlmodel import Session

from app.book.holders import wake_customers
from app.book.promises import keep_promises
from app.intake.holds import release
from app.intake.instalments import miss_instalments
from app.store.columns import NOTHING, word
from app.store.given import table_of
from app.store.guard import lock_persons
from app.store.journal import Happened, record
from app.store.rows import Customer, Hold, Invoice, Promise
from campaigns.vocabulary import Signal

__all__ = ["break_promises", "end_holds", "miss_instalments"]

_CUSTOMER, _HOLD = table_of(Customer), table_of(Hold)
_INVOICE, _PROMISE = table_of(Invoice), table_of(Promise)


def break_promises(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Ends the open promises whose grace is over: kept if the money is here, withdrawn if nothing
    is owed any more (a credit note), else broken.

    Answers how many were looked at. Money that was posted before this transaction counts, whatever
    the hour at which it was heard of.
    """
    query = (
        select(_PROMISE.c.id, _PROMISE.c.customer_id, _CUSTOMER.c.person_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _PROMISE.c.customer_id)
        .where(_PROMISE.c.state == word("open"), _PROMISE.c.grace_until <= now)
        .order_by(_PROMISE.c.grace_until, _PROMISE.c.id)
        .limit(limit)
    )
    due = session.connection().execute(query).all()
    lock_persons(session, (row.person_id for row in due))
    kept = keep_promises(session, {row.customer_id for row in due}, now=now)
    still_open = (_PROMISE.c.id.in_([row.id for row in due]), _PROMISE.c.state == word("open"))
    owed = exists().where(
        _INVOICE.c.customer_id == _PROMISE.c.customer_id,
        _INVOICE.c.currency == _PROMISE.c.currency,
        _INVOICE.c.open_minor > NOTHING,
    )
    withdrawn = session.connection().execute(
        update(_PROMISE)
        .where(*still_open, ~owed)
        .values(state="withdrawn", ended_at=now)
        .returning(_PROMISE.c.customer_id)
    )
    wake_customers(session, withdrawn.scalars().all(), now=now)
    broken = session.connection().execute(
        update(_PROMISE)
        .where(*still_open)
        .values(state="broken", ended_at=now)
        .returning(_PROMISE.c.id, _PROMISE.c.customer_id)
    )
    record(session, [*kept, *_broken(broken.all(), now)], now=now)
    return len(due)


def _broken(promises: Sequence[Row[Any, Any]], now: datetime) -> list[Happened]:
    return [
        Happened(
            Signal.PROMISE_BROKEN,
            at=now,
            customer_id=row.customer_id,
            key=f"promise_broken:{row.id}",
            payload={"promise_id": row.id},
        )
        for row in sorted(promises)
    ]


def end_holds(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Releases the holds whose end has come and wakes their persons' cases. Answers how many."""
    query = (
        select(_HOLD.c.id, _HOLD.c.person_id)
        .where(_HOLD.c.released_at.is_(None), _HOLD.c.until <= now)
        .order_by(_HOLD.c.until, _HOLD.c.id)
        .limit(limit)
    )
    over = session.connection().execute(query).all()
    lock_persons(session, (row.person_id for row in over))
    return release(session, [row.id for row in over], now)
