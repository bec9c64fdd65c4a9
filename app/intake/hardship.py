"""Somebody who cannot pay now: nobody writes for a while, and a person takes over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.intake.concerned import stop_customer
from app.intake.holds import place_hold
from app.intake.tasks import Team, give_task
from app.store.bulk import insert_returning_ids, table_of
from app.store.journal import Happened, record
from app.store.rows import Hardship
from campaigns.vocabulary import HoldKind, Signal

HOLD_FOR: Final = timedelta(days=30)
ANSWER_WITHIN: Final = timedelta(days=1)

_HARDSHIP = table_of(Hardship)


def report_hardship(
    session: Session, *, customer_id: int, kind: str, words: str | None, now: datetime
) -> int:
    """Holds the person for `HOLD_FOR`, gives collections a task, answers the report's id.

    `kind` is a code of the page (hardship, illness, unemployment, …), `words` are the customer's
    own; they stay on this row. Telling it again while a report is open is the same report.
    """
    concerned = stop_customer(session, customer_id)
    query = select(_HARDSHIP.c.id).where(
        _HARDSHIP.c.customer_id == customer_id, _HARDSHIP.c.ended_at.is_(None)
    )
    known = session.connection().execute(query.order_by(_HARDSHIP.c.id)).scalars().first()
    place_hold(session, concerned, HoldKind.HARDSHIP, until=now + HOLD_FOR, why="hardship", now=now)
    if known is not None:
        return int(known)
    row = {"customer_id": customer_id, "kind": kind, "words": words, "reported_at": now}
    (hardship_id,) = insert_returning_ids(session, Hardship, [row])
    give_task(
        session,
        key=f"hardship:{hardship_id}",
        team=Team.COLLECTIONS,
        kind="hardship",
        title="A customer reports hardship: get in touch, on no automatic message",
        now=now,
        due_in=ANSWER_WITHIN,
        customer_id=customer_id,
        detail={"hardship_id": hardship_id},
    )
    reported = Happened(
        Signal.HARDSHIP_REPORTED,
        at=now,
        customer_id=customer_id,
        own_act=True,
        payload={"hardship_id": hardship_id},
    )
    record(session, [reported], now=now)
    return hardship_id
