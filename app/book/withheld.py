"""Addresses that were erased and must not be written to again, known by a keyed hash alone.

What is kept of such an address cannot be read back; but when somebody brings the address again, it
is recognised, and closed again, before the first message could go to it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from app.book.consents import IMPORT
from app.book.errors import SecretNeeded
from app.store.bulk import insert_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Suppression, WithheldAddress
from campaigns.reach import StopAct

_WITHHELD, _SUPPRESSION = table_of(WithheldAddress), table_of(Suppression)
Named = tuple[str, str]
"""The kind of an address, and its canonical form."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why an address stays closed; media and creditors None: all of them."""

    named: Named
    medium: str | None
    creditor_id: int | None
    reason: str


def withhold(session: Session, secret: bytes, told: Iterable[Withheld], now: datetime) -> int:
    """Remembers these, each once, and answers how many were new."""
    rows = {_identity(row): row for row in (_row(secret, each, now) for each in told)}
    digests = sorted({row["digest"] for row in rows.values()})
    known = {_identity(row._mapping) for row in rows_given(session, _FOUND, digests)}
    new = [row for identity, row in rows.items() if identity not in known]
    insert_rows(session, WithheldAddress, new)
    return len(new)


def suppress_withheld(
    session: Session, secret: bytes | None, addresses: Mapping[Named, int], now: datetime
) -> set[int]:
    """Closes those of these addresses that are withheld, as they were. Answers their ids.

    Raises `SecretNeeded` where some are withheld and there is no secret to recognise them by.
    """
    if not addresses or not _is_any_withheld(session):
        return set()
    if secret is None:
        raise SecretNeeded
    digests = {_digest(secret, named): id_ for named, id_ in addresses.items()}
    found = rows_given(session, _FOUND, sorted(digests))
    closed = [
        {
            "address_id": digests[row.digest],
            "medium": row.medium,
            "creditor_id": row.creditor_id,
            "reason": row.reason,
            "at": now,
            "act": str(StopAct.ERASURE),
            "recorded_by": IMPORT,
        }
        for row in found
    ]
    known = {_closing(row._mapping) for row in rows_given(session, _CLOSED, list(digests.values()))}
    insert_rows(session, Suppression, [row for row in closed if _closing(row) not in known])
    return {row["address_id"] for row in closed}


def unrecognisable(session: Session, secret: bytes) -> int:
    """How many are withheld under another secret: they would not be known again."""
    other = select(func.count()).where(_WITHHELD.c.secret_mark != _mark(secret))
    return session.connection().execute(other.select_from(_WITHHELD)).scalar_one()


def _is_any_withheld(session: Session) -> bool:
    return session.connection().execute(select(_WITHHELD.c.id).limit(1)).first() is not None


def _row(secret: bytes, each: Withheld, now: datetime) -> dict[str, Any]:
    return {
        "digest": _digest(secret, each.named),
        "secret_mark": _mark(secret),
        "medium": each.medium,
        "creditor_id": each.creditor_id,
        "reason": each.reason,
        "at": now,
    }


def _identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["digest"], row["medium"], row["creditor_id"], row["reason"]


def _closing(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["address_id"], row["medium"], row["creditor_id"], row["reason"]


def _digest(secret: bytes, named: Named) -> str:
    kind, value = named
    return hmac.digest(secret, f"duly/withheld/{kind}/{value}".encode(), "sha256").hex()


def _mark(secret: bytes) -> str:
    return hmac.digest(secret, b"duly/withheld", "sha256")[:8].hex()


_FOUND = select(_WITHHELD).where(_WITHHELD.c.digest.in_(GIVEN)).order_by(_WITHHELD.c.id)
_CLOSED = select(_SUPPRESSION).where(
    _SUPPRESSION.c.address_id.in_(GIVEN), _SUPPRESSION.c.lifted_at.is_(None)
)
