"""Somebody else reads this number or mailbox: it is never used again for that customer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlmodel import Session

from app.intake.concerned import Concerned, stop_customer
from app.intake.holds import place_hold
from app.intake.opt_outs import StopSaid, close_address
from app.intake.tasks import Team, give_task
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Link, Message
from campaigns.reach import StopAct
from campaigns.vocabulary import HoldKind, Signal

HOLD_FOR: Final = timedelta(days=14)
ANSWER_WITHIN: Final = timedelta(days=1)
_SHOWS_NOTHING: Final = "unsubscribe"
"""The purpose of a link that shows nothing."""

_LINK, _MESSAGE = table_of(Link), table_of(Message)


def report_wrong_person(
    session: Session, *, customer_id: int, address_id: int, now: datetime
) -> bool:
    """Closes the address, holds the person, and gives collections a task.

    A suppression has a creditor and no customer, so the address is closed to this creditor as a
    whole: whoever reads it now has just said that it is not who we think. Other creditors go on.
    The pages that were sent there are closed: they show another's debt. Answers whether that was
    new. Whatever answers the reporter must not speak of a debt.
    """
    concerned = stop_customer(session, customer_id)
    if not disown_address(session, concerned, address_id, now):
        return False
    place_hold(
        session,
        concerned,
        HoldKind.WRONG_PERSON,
        until=now + HOLD_FOR,
        why="wrong_person",
        now=now,
    )
    ids = {"address_id": address_id}
    give_task(
        session,
        key=f"wrong_person:{customer_id}:{address_id}:{now.date()}",
        team=Team.COLLECTIONS,
        kind="wrong_person",
        title="An address belongs to somebody else: find the right one",
        now=now,
        due_in=ANSWER_WITHIN,
        customer_id=customer_id,
        detail=ids,
    )
    reported = Happened(
        Signal.WRONG_PERSON_REPORTED, at=now, customer_id=customer_id, own_act=True, payload=ids
    )
    record(session, [reported], now=now)
    return True


def disown_address(session: Session, concerned: Concerned, address_id: int, now: datetime) -> bool:
    """Closes it to this creditor, and the pages that were sent there. Answers whether that was new.

    It is still on record as theirs: whoever reads there can be told once that it is closed.
    """
    _close_pages(session, concerned.customer_id, address_id, now)
    stop = StopSaid(StopAct.WRONG_PERSON, None, f"customer:{concerned.customer_id}")
    return close_address(session, address_id, stop, now, creditor_id=concerned.creditor_id)


def _close_pages(session: Session, customer_id: int, address_id: int, now: datetime) -> None:
    sent_there = select(_MESSAGE.c.id).where(_MESSAGE.c.address_id == address_id)
    session.connection().execute(
        update(_LINK)
        .where(
            _LINK.c.customer_id == customer_id,
            _LINK.c.message_id.in_(sent_there),
            _LINK.c.purpose != _SHOWS_NOTHING,
            _LINK.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
