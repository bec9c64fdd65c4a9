"""Who is on call: called at any hour when somebody may be in danger, of a creditor or of the house.

A creditor with a list of its own is served by that list; others by the house's. Whoever has neither
writes to nobody through a real provider, unless somebody answers for that by name (a waiver).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.book.allowed import canonical
from app.book.signoffs import wake_unsigned
from app.store.bulk import insert_returning_ids
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import OnCall, OnCallWaiver
from campaigns.vocabulary import Medium

_ON_CALL, _WAIVER = table_of(OnCall), table_of(OnCallWaiver)
_LISTED = _ON_CALL.c.removed_at.is_(None)


def put_on_call(
    session: Session, creditor_id: int | None, address: str, *, name: str, by: str, now: datetime
) -> int:
    """Puts somebody at the end of the list (None: of the house), and answers their number. What
    waited because nobody was on call is asked about again. Raises `AddressError`."""
    ours = canonical(address)
    row = {
        "creditor_id": creditor_id,
        "name": name,
        "medium": Medium.EMAIL if "@" in ours else Medium.SMS,
        "address": ours,
        "added_at": now,
        "added_by": by,
    }
    number = insert_returning_ids(session, OnCall, [row])[0]
    wake_unsigned(session, now)
    return number


def take_off_call(session: Session, on_call_id: int, *, by: str, now: datetime) -> bool:
    """Takes somebody off the list. Answers whether they were on it."""
    taken = update(_ON_CALL).where(_ON_CALL.c.id == on_call_id, _LISTED)
    gone = taken.values(removed_at=now, removed_by=by)
    return session.connection().execute(gone).rowcount > 0


def waive(session: Session, creditor_id: int, *, by: str, note: str, now: datetime) -> None:
    """Somebody answers for it that nobody is on call for this creditor. Raises ValueError without a
    name and a reason."""
    if not by.strip() or not note.strip():
        raise ValueError("say who answers for it, and why nobody needs to be on call")
    row = {"creditor_id": creditor_id, "waived_at": now, "waived_by": by, "note": note}
    insert_returning_ids(session, OnCallWaiver, [row])
    wake_unsigned(session, now)


def withdraw_waiver(session: Session, creditor_id: int, *, by: str, now: datetime) -> bool:
    """Takes it back; it stays on record. Answers whether there was one."""
    taken = (
        update(_WAIVER)
        .where(_WAIVER.c.creditor_id == creditor_id, _WAIVER.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by=by)
    )
    return session.connection().execute(taken).rowcount > 0


def roster(session: Session, creditor_id: int | None) -> Sequence[Row[Any]]:
    """Who is called for this creditor, in their order: its own, else the house's."""
    query = select(_ON_CALL).where(_LISTED).order_by(_ON_CALL.c.id)
    rows = session.connection().execute(query).all()
    own = [row for row in rows if row.creditor_id == creditor_id]
    return own or [row for row in rows if row.creditor_id is None]


def on_call_list(session: Session) -> Sequence[Row[Any]]:
    """Everybody on every list."""
    query = select(_ON_CALL).where(_LISTED).order_by(_ON_CALL.c.creditor_id, _ON_CALL.c.id)
    return session.connection().execute(query).all()


def waivers(session: Session, creditor_ids: Collection[int]) -> Sequence[Row[Any]]:
    """The waivers in force."""
    return rows_given(session, _WAIVED, sorted(creditor_ids))


def uncovered(session: Session, creditor_ids: Collection[int]) -> frozenset[int]:
    """Those of these creditors for whom nobody is called, and nobody answers for that."""
    listed = set(session.connection().execute(_LISTS).scalars())
    if None in listed or not creditor_ids:
        return frozenset()
    waived = {row.creditor_id for row in waivers(session, creditor_ids)}
    return frozenset(creditor_ids) - listed - waived


_LISTS = select(_ON_CALL.c.creditor_id).where(_LISTED).distinct()
_WAIVED = (
    select(_WAIVER)
    .where(_WAIVER.c.creditor_id.in_(GIVEN), _WAIVER.c.withdrawn_at.is_(None))
    .order_by(_WAIVER.c.id)
)
