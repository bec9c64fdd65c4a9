"""Which attempt a receipt speaks of: by the key that we sent along, else by the provider's id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlmodel import Session

from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Attempt, Message, Sender
from channels.delivery import DeliveryStatus, Receipt

_ATTEMPT, _MESSAGE, _SENDER = table_of(Attempt), table_of(Message), table_of(Sender)


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt and its message, as they stand. `delivery` is the message's so far."""

    attempt_id: int
    state: str
    failed: bool
    is_latest: bool
    message_id: int
    message_state: str
    delivery: DeliveryStatus
    delivered_at: datetime | None
    medium: str
    template: str
    sender_id: int
    address_id: int
    case_id: int
    customer_id: int
    person_id: int


def key_of(receipt: Receipt) -> str:
    """Under which a receipt lands once: its id is unique at its provider only."""
    return f"receipt:{receipt.provider}:{receipt.receipt_id}"


def find_attempts(session: Session, receipts: Sequence[Receipt]) -> Mapping[str, Tried]:
    """The attempts of those receipts that name one, by `key_of` the receipt."""
    by_key = _found(session, _BY_KEY, (r.attempt_key for r in receipts))
    unnamed = [r for r in receipts if (r.provider, r.attempt_key) not in by_key]
    by_id = _found(session, _BY_PROVIDER_ID, (r.provider_id for r in unnamed))
    found: dict[str, Tried] = {}
    for receipt in receipts:
        row = by_key.get((receipt.provider, receipt.attempt_key)) or by_id.get(
            (receipt.provider, receipt.provider_id)
        )
        if row is not None:
            found[key_of(receipt)] = _tried(row)
    return found


def _found(
    session: Session, query: Select[Any], values: Iterable[str | None]
) -> dict[tuple[str, str | None], Row[Any]]:
    """Rows by provider and value: an id is unique at its own provider only."""
    named = sorted({value for value in values if value})
    return {(row.provider, row.found_by): row for row in rows_given(session, query, named)}


def _attempts_by(column: ColumnElement[Any]) -> Select[Any]:
    later = _ATTEMPT.alias()
    newest = (
        select(func.max(later.c.number))
        .where(later.c.message_id == _ATTEMPT.c.message_id)
        .scalar_subquery()
    )
    return (
        select(
            _ATTEMPT,
            column.label("found_by"),
            newest.label("newest"),
            _SENDER.c.provider,
            _MESSAGE.c.state.label("message_state"),
            _MESSAGE.c.delivery,
            _MESSAGE.c.delivered_at,
            _MESSAGE.c.template,
            _MESSAGE.c.case_id,
            _MESSAGE.c.customer_id,
        )
        .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .join(_SENDER, _SENDER.c.id == _ATTEMPT.c.sender_id)
        .where(column.in_(GIVEN))
    )


_BY_KEY = _attempts_by(_ATTEMPT.c.key)
_BY_PROVIDER_ID = _attempts_by(_ATTEMPT.c.provider_id)


def _tried(row: Row[Any]) -> Tried:
    return Tried(
        attempt_id=row.id,
        state=row.state,
        failed=row.failed,
        is_latest=row.number == row.newest,
        message_id=row.message_id,
        message_state=row.message_state,
        delivery=DeliveryStatus(row.delivery or DeliveryStatus.ACCEPTED),
        delivered_at=row.delivered_at,
        medium=row.medium,
        template=row.template,
        sender_id=row.sender_id,
        address_id=row.address_id,
        case_id=row.case_id,
        customer_id=row.customer_id,
        person_id=row.person_id,
    )
