"""What opens again: by a word of return, what that very address closed by a stop word; by evidence,
what somebody put on record. Nothing else ever opens, and what was lifted stays in the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.book.consents import DULY, said
from app.book.holders import wake_customers
from app.intake.concerned import Concerned, known_customer, stop_persons, users_of
from app.intake.opt_outs import closings
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Consent, ContactPoint, Suppression
from campaigns.reach import Lift, StopAct, may_lift
from campaigns.vocabulary import Basis, Medium, Purpose

_POINT, _SUPPRESSION = table_of(ContactPoint), table_of(Suppression)
OPTED_IN = "opted_in"


class NoEvidence(ValueError):
    """A consent was to be put on record, and nothing shows it. Says what to give."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A consent, as it goes on record. `evidence` is where it can be seen: a form, a recording."""

    medium: Medium
    basis: Basis
    evidence: str
    by: str
    source: str = "staff"
    method: str = "written"
    purpose: Purpose | None = None


def opt_in(
    session: Session, *, address_id: int, medium: Medium, evidence: str, now: datetime
) -> bool:
    """Takes back what this address said by a stop word on this medium. Answers whether it is open
    again: something else may keep it closed, and then a person has to look."""
    users = users_of(session, [address_id])
    stop_persons(session, (user.person_id for user in users))
    rows = [
        row
        for row in closings(session, address_id)
        if row.said_through == medium and _may(row, Lift.WORD)
    ]
    if not rows:
        return False
    _lift(session, rows, by=DULY, evidence=evidence, now=now)
    left = [row.medium for row in closings(session, address_id)]
    media = {row.medium for row in rows}
    opened = {m for m in media if not {None, m} & set(left)}
    given = _given_back(session, users, address_id, opened, (medium, evidence), now)
    record(session, [_fact(user, address_id, medium, now) for user in users], now=now)
    wake_customers(session, [user.customer_id for user in users], now=now)
    return opened == media and given


def give_consent(
    session: Session, customer_id: int, agreed: Agreement, *, now: datetime
) -> Sequence[str]:
    """Puts a consent on record and opens what it may open. Answers why an address of the customer
    stays closed all the same. Raises `NoEvidence`, `UnknownCustomer`."""
    if not agreed.evidence.strip():
        raise NoEvidence("A consent needs its evidence: say where it can be seen, with --evidence.")
    concerned = known_customer(session, customer_id)
    addresses = _addresses(session, customer_id, agreed.medium)
    users = [concerned, *users_of(session, addresses)]
    stop_persons(session, (user.person_id for user in users))
    _put_on_record(session, customer_id, agreed, now)
    for address_id in addresses:
        _open(session, address_id, agreed, now)
    record(session, [_fact(concerned, None, agreed.medium, now)], now=now)
    wake_customers(session, [user.customer_id for user in users], now=now)
    return sorted(
        {
            row.reason
            for address_id in addresses
            for row in closings(session, address_id)
            if row.medium in (None, agreed.medium)
            and row.creditor_id in (None, concerned.creditor_id)
        }
    )


def agree_on_page(
    session: Session, concerned: Concerned, medium: Medium, words: str, *, now: datetime
) -> None:
    """Puts on record what a customer ticked on their page, in the very `words` that stood there. It
    opens no address that is closed. The guard is held by the caller."""
    agreed = Agreement(
        medium,
        Basis.CONSENT,
        words,
        by=DULY,
        source="page",
        method="ticked",
        purpose=Purpose.REMINDERS,
    )
    _put_on_record(session, concerned.customer_id, agreed, now)
    record(session, [_fact(concerned, None, medium, now)], now=now)
    wake_customers(session, [concerned.customer_id], now=now)


def _put_on_record(session: Session, customer_id: int, agreed: Agreement, now: datetime) -> None:
    row = {
        "customer_id": customer_id,
        "medium": str(agreed.medium),
        "given": True,
        "at": now,
        "source": agreed.source,
        "method": agreed.method,
        "evidence": agreed.evidence,
        "basis": str(agreed.basis),
        "purpose": agreed.purpose,
        "recorded_by": agreed.by,
        "recorded_at": now,
    }
    insert_rows(session, Consent, [row])


def _open(session: Session, address_id: int, agreed: Agreement, now: datetime) -> None:
    """What also closed other media goes on closing those."""
    rows = [
        row
        for row in closings(session, address_id)
        if row.medium in (None, agreed.medium)
        and _may(row, Lift.EVIDENCE)
        and _is_about(row, agreed.purpose)
    ]
    _lift(session, rows, by=agreed.by, evidence=agreed.evidence, now=now)
    closed = [dict(row._mapping) for row in rows if row.medium is None]
    left = [
        {name: value for name, value in row.items() if name != "id"} | {"medium": str(medium)}
        for row in closed
        for medium in Medium
        if medium is not agreed.medium
    ]
    insert_rows(session, Suppression, left)


def _is_about(row: Row[Any], purpose: Purpose | None) -> bool:
    """A consent to one kind of messages opens what was closed to that kind, or to all but it."""
    match purpose:
        case None:
            return True
        case Purpose.OFFERS:
            return row.category is not None
        case Purpose.REMINDERS:
            return row.category is None
        case _:
            assert_never(purpose)


def _may(row: Row[Any], how: Lift) -> bool:
    return may_lift(StopAct(row.act) if row.act else None, how, row.reason)


def _lift(
    session: Session, rows: Sequence[Row[Any]], *, by: str, evidence: str, now: datetime
) -> None:
    lifted = update(_SUPPRESSION).where(_SUPPRESSION.c.id.in_([row.id for row in rows]))
    session.connection().execute(lifted.values(lifted_at=now, lifted_by=by, lift_evidence=evidence))


def _given_back(
    session: Session,
    users: Sequence[Concerned],
    address_id: int,
    media: Iterable[str],
    what: tuple[Medium, str],
    now: datetime,
) -> bool:
    """The consent of those who had none but by that word. Answers whether all have it again."""
    known = said(session, [user.customer_id for user in users])
    query = select(_POINT.c.customer_id, _POINT.c.medium).where(
        _POINT.c.address_id == address_id, _POINT.c.medium.in_(sorted(media))
    )
    uses = sorted((row[0], row[1]) for row in session.connection().execute(query))
    withdrawn = [use for use in uses if use in known and known[use].withdrawals]
    ours = [
        use
        for use in withdrawn
        if all(
            w.source == StopAct.REPLY and w.address_id == address_id for w in known[use].withdrawals
        )
    ]
    through, evidence = what
    row = {
        "address_id": address_id,
        "given": True,
        "at": now,
        "source": f"reply_{through}",
        "method": "reply",
        "evidence": evidence,
        "basis": str(Basis.CONSENT),
        "recorded_by": DULY,
        "recorded_at": now,
    }
    insert_rows(session, Consent, [row | {"customer_id": c, "medium": m} for c, m in ours])
    return ours == withdrawn


def _addresses(session: Session, customer_id: int, medium: Medium) -> list[int]:
    query = select(_POINT.c.address_id).where(
        _POINT.c.customer_id == customer_id, _POINT.c.medium == medium
    )
    return sorted(set(session.connection().execute(query).scalars()))


def _fact(user: Concerned, address_id: int | None, medium: Medium, now: datetime) -> Happened:
    place = {} if address_id is None else {"address_id": address_id}
    return Happened(
        OPTED_IN,
        at=now,
        customer_id=user.customer_id,
        own_act=address_id is not None,
        payload={**place, "medium": medium},
    )
