"""How people of the drill say stop, and what is known of a stop once it is committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.ledger import PaymentIn, post_payment
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import HOLD_FOR, report_hardship
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.promises import MadeBy, make_promise
from app.lab.drill_field import OWED, Fighter
from app.store.given import table_of
from app.store.rows import Person
from campaigns.keys import derive
from campaigns.reach import StopAct

_PERSON = table_of(Person)
_PROMISED_AHEAD: Final = timedelta(days=9)


class StopKind(StrEnum):
    PAYMENT = "payment"
    OPT_OUT = "opt_out"
    DISPUTE = "dispute"
    HOLD = "hold"
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that is committed. `revision` is the person's guard as this stop left it: a gate that
    saw this number, or a higher one, came after it. Some stops are bounded: they hold for sure
    before `until`."""

    kind: str
    person_id: int
    revision: int
    until: datetime | None = None


def stop(session: Session, kind: StopKind, of: Fighter, *, today: date, now: datetime) -> Stop:
    """Says stop in one of the ways that customers have, by the functions that production uses."""
    until = _SAYING[kind](session, of, today, now)
    return stopped(session, kind, of, until=until)


def stopped(session: Session, kind: str, of: Fighter, *, until: datetime | None = None) -> Stop:
    """A stop that has just been said, with the guard as it is now. Where that was in an earlier
    transaction, a gate that slipped in between the two is not told from one before the stop."""
    query = select(_PERSON.c.revision).where(_PERSON.c.id == of.person_id)
    revision = session.connection().execute(query).scalar_one()
    return Stop(kind, of.person_id, revision, until)


Say = Callable[[Session, Fighter, date, datetime], datetime | None]
"""Says it, and answers until when it holds; None for good."""


def _pay(session: Session, of: Fighter, today: date, now: datetime) -> None:
    key = derive("drill", of.customer_id)
    payment = PaymentIn(key, of.customer_id, OWED, paid_on=today, received_at=now)
    post_payment(session, payment, now=now)


def _opt_out(session: Session, of: Fighter, _today: date, now: datetime) -> None:
    said = StopSaid(StopAct.REPLY, of.route.medium, "drill")
    opt_out(session, said, address_id=of.address_id, now=now)


def _dispute(session: Session, of: Fighter, _today: date, now: datetime) -> None:
    dispute_invoice(
        session,
        customer_id=of.customer_id,
        invoice_id=of.invoice_id,
        kind=DisputeKind.OTHER,
        words=None,
        now=now,
    )


def _hold(session: Session, of: Fighter, _today: date, now: datetime) -> datetime:
    report_hardship(session, customer_id=of.customer_id, kind="hardship", words=None, now=now)
    return now + HOLD_FOR


def _promise(session: Session, of: Fighter, today: date, now: datetime) -> datetime:
    made = make_promise(
        session,
        customer_id=of.customer_id,
        amount=OWED,
        due_on=today + _PROMISED_AHEAD,
        made_by=MadeBy.PAGE,
        now=now,
    )
    return made.grace_until


_SAYING: Final[Mapping[StopKind, Say]] = {
    StopKind.PAYMENT: _pay,
    StopKind.OPT_OUT: _opt_out,
    StopKind.DISPUTE: _dispute,
    StopKind.HOLD: _hold,
    StopKind.PROMISE: _promise,
}
