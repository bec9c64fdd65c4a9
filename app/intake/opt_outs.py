"""Opt-outs: an address is never written to again on a medium, by anybody, until it is lifted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session

from app.intake.concerned import Concerned, stop_persons, users_of
from app.intake.service_answers import open_case
from app.store.bulk import insert_rows, table_of
from app.store.journal import Happened, record
from app.store.rows import Address, Consent, ContactPoint, Suppression
from campaigns.vocabulary import Medium, Signal

_ADDRESS, _POINT = table_of(Address), table_of(ContactPoint)
_CONSENT, _SUPPRESSION = table_of(Consent), table_of(Suppression)


class OptOutSource(StrEnum):
    """Where it was said."""

    REPLY = "reply"
    PAGE = "page"
    LIST_UNSUBSCRIBE = "list_unsubscribe"
    PROVIDER = "provider"
    STAFF = "staff"


def opt_out(
    session: Session,
    *,
    address_id: int,
    medium: Medium | None,
    source: OptOutSource,
    evidence: str,
    now: datetime,
    reason: str = "opted_out",
    confirm_to: Concerned | None = None,
) -> bool:
    """Suppresses the address on the medium (None: on all), withdraws consent, tells the cases.

    STOP by SMS covers WhatsApp on the same number (contact rules 7, step 7). It holds for every
    creditor: it is said to a number, not to a name. `evidence` is a code (which rule, which
    receipt), never the person's words. `confirm_to` is the customer who is told, once, that it is
    done. Answers whether anything was new; twice is fine.
    """
    users = users_of(session, [address_id])
    stop_persons(session, (user.person_id for user in users))
    # Without a user there is no guard; the address itself then lets one in after the other.
    session.connection().execute(
        select(_ADDRESS.c.id).where(_ADDRESS.c.id == address_id).with_for_update()
    )
    media = _covered(medium)
    suppressed = suppress_address(session, address_id, media, reason, now)
    withdrawn = _withdraw(session, address_id, media, (source, evidence), now)
    if not suppressed and not withdrawn:
        return False
    if confirm_to is not None:
        open_case(session, confirm_to, now)
    record(session, [_fact(user, address_id, medium, source, now) for user in users], now=now)
    return True


def suppress_address(
    session: Session,
    address_id: int,
    media: Sequence[Medium | None],
    reason: str,
    now: datetime,
) -> bool:
    """Closes the address on these media to all creditors. Answers whether that was new."""
    query = select(_SUPPRESSION.c.medium).where(
        _SUPPRESSION.c.address_id == address_id,
        _SUPPRESSION.c.creditor_id.is_(None),
        _SUPPRESSION.c.reason == reason,
        _SUPPRESSION.c.lifted_at.is_(None),
    )
    known = set(session.connection().execute(query).scalars())
    new = [medium for medium in media if medium not in known]
    rows = [
        {"address_id": address_id, "medium": medium, "reason": reason, "at": now} for medium in new
    ]
    insert_rows(session, Suppression, rows)
    return bool(rows)


def _covered(medium: Medium | None) -> tuple[Medium | None, ...]:
    return (Medium.SMS, Medium.WHATSAPP) if medium is Medium.SMS else (medium,)


def _withdraw(
    session: Session,
    address_id: int,
    media: Sequence[Medium | None],
    why: tuple[OptOutSource, str],
    now: datetime,
) -> bool:
    """Writes a withdrawal for each use of the address whose latest word is not one already."""
    query = select(_POINT.c.customer_id, _POINT.c.medium).where(_POINT.c.address_id == address_id)
    if None not in media:
        query = query.where(_POINT.c.medium.in_(media))
    uses = [(row[0], row[1]) for row in session.connection().execute(query)]
    latest = _latest_words(session, {customer_id for customer_id, _ in uses})
    source, evidence = why
    rows = [
        {
            "customer_id": customer_id,
            "address_id": address_id,
            "medium": used,
            "given": False,
            "at": now,
            "source": source,
            "method": "opt_out",
            "evidence": evidence,
        }
        for customer_id, used in sorted(uses)
        if latest.get((customer_id, used), True)
    ]
    insert_rows(session, Consent, rows)
    return bool(rows)


def _latest_words(session: Session, customer_ids: Iterable[int]) -> dict[tuple[int, str], bool]:
    query = (
        select(_CONSENT.c.customer_id, _CONSENT.c.medium, _CONSENT.c.given)
        .where(_CONSENT.c.customer_id.in_(sorted(customer_ids)))
        .order_by(_CONSENT.c.at, _CONSENT.c.id)
    )
    return {(row[0], row[1]): row[2] for row in session.connection().execute(query)}


def _fact(
    user: Concerned,
    address_id: int,
    medium: Medium | None,
    source: OptOutSource,
    now: datetime,
) -> Happened:
    return Happened(
        Signal.OPTED_OUT,
        at=now,
        customer_id=user.customer_id,
        own_act=source is not OptOutSource.STAFF,
        payload={"address_id": address_id, "medium": medium, "source": source},
    )
