"""Withdraws what waits when a fact is told that stops it, in the fact's own transaction.

It is asked what the gate will ask, as of the hour at which the message would leave, and only what
no hour helps any more is stopped. A help to whoever looks, and no promise: what is not withdrawn
dies at the gate. So it never costs the fact, and it lets nothing go.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlmodel import Session

from app.delivery.claim import COLUMNS, Waiting
from app.delivery.gate_records import Held, write_held
from app.delivery.overtaken import stopped, untrue
from app.delivery.prepare import snapshots_of
from app.store.bulk import lock_rows
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.guard import newly_raised
from app.store.rows import Case, Customer, Message
from app.store.savepoints import surviving_writes

MOST: Final = 50
"""Persons of one transaction. More are a book that comes in, and its messages die at the gate."""

_MESSAGE, _CUSTOMER = table_of(Message), table_of(Customer)

log = logging.getLogger(__name__)


def withdraw(session: Session, *, now: datetime) -> list[int]:
    """Stops what may not go any more, of what waits for the persons whose guards this transaction
    has raised since it last did so. Answers the messages. Call it when all facts are written."""
    persons = newly_raised(session)
    if len(persons) > MOST:
        return []
    return surviving_writes(
        session,
        _waiting(session, sorted(persons)),
        lambda waiting: _stop(session, waiting, now),
        lambda message, problem: log.error(
            "message %s cannot be withdrawn: %s", message.id, type(problem).__name__
        ),
    )


def _waiting(session: Session, persons: Sequence[int]) -> list[Waiting]:
    """Locked, after their cases. A claim of one of them is void by what we write: its gate finds
    that the message does not wait."""
    found = rows_given(session, _FOUND, persons)
    if not found:
        return []
    lock_rows(session, Case, [row.case_id for row in found])
    locked = rows_given(session, _LOCKED, sorted(row.id for row in found))
    return [Waiting(dict(row._mapping)) for row in locked]


def _stop(session: Session, waiting: Sequence[Waiting], now: datetime) -> list[int]:
    held = _overtaken(session, waiting, now)
    write_held(session, held, now)
    return [each.claimed.id for each in held]


def _overtaken(session: Session, waiting: Sequence[Waiting], now: datetime) -> list[Held]:
    snapshots = snapshots_of(session, waiting, now)
    found = []
    for message in waiting:
        snapshot = snapshots.get(message.row["case_id"])
        if snapshot is None:
            continue
        # One that waits for a person may be let go at any moment.
        leaves_at = now if message.wants_approval else max(now, message.row["due_at"])
        held = untrue(message, snapshot, leaves_at) or stopped(message, snapshot, leaves_at)
        if held is not None and held.state == "stopped":
            found.append(held)
    return found


_FOUND: Final[Select[Any]] = (
    select(_MESSAGE.c.id, _MESSAGE.c.case_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _MESSAGE.c.customer_id)
    .where(_CUSTOMER.c.person_id.in_(GIVEN), _MESSAGE.c.state == word("waiting"))
)
_LOCKED: Final[Select[Any]] = (
    select(*(_MESSAGE.c[name] for name in COLUMNS))
    .where(_MESSAGE.c.id.in_(GIVEN), _MESSAGE.c.state == word("waiting"))
    .order_by(_MESSAGE.c.id)
    .with_for_update(key_share=True)
)
