"""Somebody who cannot pay now: nobody writes for a while, and a person takes over.

Why they cannot is special data: the report says that there is a reason, the note says which.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.envelope import EnvelopeError, House, house_of
from app.intake.concerned import Concerned, stop_customer
from app.intake.holds import place_hold
from app.intake.places import Place, told_of
from app.intake.special import note_special
from app.intake.tasks import Team, give_task
from app.store.bulk import insert_returning_ids
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Hardship
from campaigns.vocabulary import HoldKind, Signal

HOLD_FOR: Final = timedelta(days=30)
ANSWER_BUSINESS_DAYS: Final = 1
"""Of the creditor: by the end of that one a person gets in touch. The page says so."""

_HARDSHIP = table_of(Hardship)


def answered_by(house: House, now: datetime) -> date:
    """The last day by which a person of the team gets in touch with somebody who says it now."""
    return house.calendar.add_business_days(house.today(now), ANSWER_BUSINESS_DAYS)


def report_hardship(
    session: Session,
    *,
    customer_id: int,
    kind: str,
    words: str | None,
    now: datetime,
    hold_for: timedelta | None = HOLD_FOR,
    said_from: Place | None = None,
    by: str | None = None,
) -> int:
    """Holds the person for so long (None: until a person ends it), gives the care team a task,
    answers the report's id. It is confirmed where it was `said_from`; `by` is who of ours put it on
    record.

    `kind` is a code (hardship, illness, bereavement, …), `words` are the customer's own; both stay
    on a note that only those read who give their name. Telling it again while a report is open is
    the same report.
    """
    concerned = stop_customer(session, customer_id)
    until = now + hold_for if hold_for is not None else None
    place_hold(session, concerned, HoldKind.HARDSHIP, until=until, why="hardship", now=now)
    note_id = note_special(session, customer_id=customer_id, kind=kind, words=words, now=now)
    known = _open_report(session, customer_id)
    if known is not None:
        _ask_to_talk(session, concerned, known, note_id, now)
        return known
    row = {"customer_id": customer_id, "reported_at": now}
    (hardship_id,) = insert_returning_ids(session, Hardship, [row])
    _ask_to_talk(session, concerned, hardship_id, note_id, now)
    reported = Happened(
        Signal.HARDSHIP_REPORTED,
        at=now,
        customer_id=customer_id,
        own_act=True,
        payload={
            "hardship_id": hardship_id,
            **told_of(said_from),
            **({"by": by} if by is not None else {}),
        },
    )
    record(session, [reported], now=now)
    return hardship_id


def _open_report(session: Session, customer_id: int) -> int | None:
    query = select(_HARDSHIP.c.id).where(
        _HARDSHIP.c.customer_id == customer_id, _HARDSHIP.c.ended_at.is_(None)
    )
    found = session.connection().execute(query.order_by(_HARDSHIP.c.id)).scalars().first()
    return int(found) if found is not None else None


def _ask_to_talk(
    session: Session, concerned: Concerned, hardship_id: int, note_id: int, now: datetime
) -> None:
    give_task(
        session,
        key=f"hardship:{hardship_id}:{note_id}",
        team=Team.CARE,
        kind="hardship",
        title="A customer has a hard time: read the note, and get in touch yourself",
        now=now,
        due_in=_answered_within(session, concerned.creditor_id, now),
        customer_id=concerned.customer_id,
        detail={"hardship_id": hardship_id, "note_id": note_id},
    )


def _answered_within(session: Session, creditor_id: int, now: datetime) -> timedelta:
    try:
        house = house_of(session, creditor_id)
    except EnvelopeError:  # a call for help is taken however the creditor's limits are spelled
        return timedelta(days=ANSWER_BUSINESS_DAYS)
    return house.end_of(house.today(now), ANSWER_BUSINESS_DAYS) - now
