"""The allow-list: addresses of our own, which a real provider may carry to before the sign-off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlmodel import Session

from app.book.addresses import canonical_email, canonical_phone
from app.store.bulk import insert_new
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import AllowedRecipient

_ALLOWED = table_of(AllowedRecipient)


def canonical(address: str) -> str:
    """A mailbox or a number with its country code. Raises `AddressError`."""
    return canonical_email(address) if "@" in address else canonical_phone(address, None)


def allow(session: Session, address: str, *, by: str, note: str, now: datetime) -> bool:
    """Puts a canonical address on the list. Answers whether that is new."""
    row = {"address": address, "added_at": now, "added_by": by, "note": note}
    return bool(insert_new(session, AllowedRecipient, [row], unique="address"))


def disallow(session: Session, address: str) -> bool:
    """Takes it off the list. Answers whether it was there."""
    gone = delete(_ALLOWED).where(_ALLOWED.c.address == address)
    return session.connection().execute(gone).rowcount > 0


def allowed(session: Session, addresses: Collection[str]) -> frozenset[str]:
    """Those of the addresses that are on the list."""
    return frozenset(row.address for row in rows_given(session, _AMONG, sorted(addresses)))


def allow_list(session: Session) -> Sequence[Row[Any]]:
    return session.connection().execute(select(_ALLOWED).order_by(_ALLOWED.c.address)).all()


_AMONG = select(_ALLOWED.c.address).where(_ALLOWED.c.address.in_(GIVEN))
