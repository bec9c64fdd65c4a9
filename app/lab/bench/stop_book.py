"""The book of the bench of a stop: who owes, what waits for them, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select, update
from sqlmodel import Session

from app.clock import SystemClock
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses
from app.lab.bench.rounds import Progress
from app.lab.drill_field import BASE_URL, OWED, SANDBOX, SECRET, call_up, lay_out
from app.loops.assembly import assemble, publish_shipped
from app.store.columns import NOTHING
from app.store.engines import Database
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Attempt, Invoice, Message, Payment

CALLED_UP: Final = 5000  # people in one transaction
WALKED: Final = 2000  # cases in one
LATER: Final = timedelta(hours=12)

_MESSAGE, _ATTEMPT = table_of(Message), table_of(Attempt)
_PAYMENT, _INVOICE = table_of(Payment), table_of(Invoice)


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody who owes, and the message that waits for them."""

    customer_id: int
    message_id: int


def fill(database: Database, *, cases: int, progress: Progress) -> None:
    """Everybody is to be written to in half a day. `progress` is told (people called up and
    walked, twice as many)."""
    clock = SystemClock()
    now = clock.now()
    publish_shipped(database, now, kinds=("journey", "template"))
    with database.write() as session:
        (ground,) = lay_out(session, [SANDBOX], now)
    for first in range(0, cases, CALLED_UP):
        numbers = range(first, min(first + CALLED_UP, cases))
        with database.write() as session:
            call_up(session, ground, numbers, today=now.date(), now=now)
        progress(numbers.stop, 2 * cases)
    pace = Pace(batch=WALKED)
    loops = assemble(database, {}, Addresses(BASE_URL, SECRET), clock.now, pace=pace)
    loops.enrolment.tick(now)
    walked = 0
    while looked := loops.walk.tick(now).looked:
        walked += looked
        progress(cases + min(walked, cases), 2 * cases)
    with database.write() as session:
        session.connection().execute(update(_MESSAGE).values(due_at=now + LATER))


def payers_of(session: Session, count: int) -> list[Payer]:
    """So many of them, from all over the book."""
    query = select(_MESSAGE.c.customer_id, _MESSAGE.c.id).order_by(_MESSAGE.c.id)
    everybody = [Payer(*row) for row in session.connection().execute(query)]
    return everybody[:: max(1, len(everybody) // count)][:count]


def call_others(session: Session, payers: Sequence[Payer], now: datetime) -> None:
    """From now on all but these are to be written to."""
    ids = [payer.message_id for payer in payers]
    session.connection().execute(
        update(_MESSAGE).where(_MESSAGE.c.id.not_in(ids)).values(due_at=now)
    )


def written_to(session: Session) -> int:
    """How many messages have left."""
    left = select(func.count()).where(_MESSAGE.c.state == "accepted")
    return int(session.connection().execute(left).scalar_one())


def wrong_of(session: Session, payers: Sequence[Payer]) -> list[str]:
    """What is not as it should be with those who have paid."""
    people = [payer.customer_id for payer in payers]
    messages = [payer.message_id for payer in payers]
    booked = {row.customer_id: tuple(row[1:]) for row in rows_given(session, _BOOKED, people)}
    odd = sum(booked.get(person) != (1, OWED.minor) for person in people)
    owing = len(rows_given(session, _OWING, people))
    unsaid = sum(not row.reason for row in rows_given(session, _STOPPED, messages))
    left = len(rows_given(session, _TRIED, messages))
    going_on = len(messages) - len(rows_given(session, _STOPPED, messages))
    told = {
        "payments were not booked once and in full": odd,
        "invoices are open that were paid": owing,
        "messages left after their payment": left,
        "messages were not stopped": going_on,
        "messages were stopped without a reason": unsaid,
    }
    return [f"{count} {what}" for what, count in told.items() if count]


_BOOKED: Final[Select[Any]] = (
    select(_PAYMENT.c.customer_id, func.count(), func.sum(_PAYMENT.c.amount_minor))
    .where(_PAYMENT.c.customer_id.in_(GIVEN))
    .group_by(_PAYMENT.c.customer_id)
)
_OWING: Final[Select[Any]] = select(_INVOICE.c.id).where(
    _INVOICE.c.customer_id.in_(GIVEN), _INVOICE.c.open_minor > NOTHING
)
_STOPPED: Final[Select[Any]] = select(_MESSAGE.c.id, _MESSAGE.c.reason).where(
    _MESSAGE.c.id.in_(GIVEN), _MESSAGE.c.state == "stopped"
)
_TRIED: Final[Select[Any]] = select(_ATTEMPT.c.id).where(_ATTEMPT.c.message_id.in_(GIVEN))
