"""What else stands in the way of a customer who is tried where they stand, or is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import Session

from app.book.stale import stale_books
from app.store.bulk import insert_rows
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Campaign, Case, Creditor, Halt, Sender

_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)
_CREDITOR, _HALT, _SENDER = table_of(Creditor), table_of(Halt), table_of(Sender)


class Note(StrEnum):
    """What whoever reads a trial has to know of all its days."""

    HALTED = "halted"  # the stop button is pressed, and nobody lifts it
    STALE = "stale"  # the book is too old to send on, and no newer one comes
    SENDER_WAITS = "sender_waits"  # a sender is paused, or has sent all that it may
    ALONE = "alone"  # other journeys of the customer do not speak


def notes_of(
    known: Session,
    creditor_id: int,
    customer_id: int | None,
    campaign_id: int | None,
    *,
    stands_at: datetime | None,
) -> Iterator[Note]:
    """What is to be told of a trial on this customer of the book. `stands_at` is when it is tried,
    for one who stands where they stand; whoever begins anew meets no stop of today."""
    if stands_at is not None and _has(known, _halts(creditor_id)):
        yield Note.HALTED
    if stands_at is not None and _book_of(known, creditor_id) in stale_books(known, stands_at):
        yield Note.STALE
    if stands_at is not None and _has(known, _waiting_senders(stands_at, creditor_id)):
        yield Note.SENDER_WAITS
    if customer_id is not None and _has(known, _others(customer_id, campaign_id)):
        yield Note.ALONE


def bring_halts(known: Session, session: Session, creditor_id: int) -> None:
    """Puts the stops by hand there that concern this creditor."""
    found = known.connection().execute(_halts(creditor_id)).mappings()
    insert_rows(session, Halt, [{str(name): value for name, value in r.items()} for r in found])


def _waiting_senders(now: datetime, creditor_id: int) -> Select[Any]:
    """The senders that hand nothing to their provider yet, however much waits for them."""
    return select(_SENDER).where(
        _SENDER.c.creditor_id == creditor_id,
        _SENDER.c.active,
        or_(_SENDER.c.paused_until > now, _SENDER.c.full_until > now),
    )


def _book_of(known: Session, creditor_id: int) -> str:
    query = select(_CREDITOR.c.external_id).where(_CREDITOR.c.id == creditor_id)
    return str(known.connection().execute(query).scalar_one())


def _halts(creditor_id: int) -> Select[Any]:
    concern = or_(_HALT.c.creditor_id.is_(None), _HALT.c.creditor_id == creditor_id)
    return select(_HALT).where(_HALT.c.lifted_at.is_(None), concern)


def _others(customer_id: int, campaign_id: int | None) -> Select[Any]:
    """The open cases of the customer in other campaigns."""
    theirs = (
        select(_CASE.c.id)
        .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
        .where(
            _CASE.c.customer_id == customer_id,
            _CASE.c.phase != word("closed"),
            _CAMPAIGN.c.active,
        )
    )
    return theirs if campaign_id is None else theirs.where(_CAMPAIGN.c.id != campaign_id)


def _has(known: Session, query: Select[Any]) -> bool:
    return known.connection().execute(query.limit(1)).first() is not None
