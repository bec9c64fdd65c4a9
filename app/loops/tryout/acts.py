"""What the customer of a trial does, by the same functions as in production."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from types import MappingProxyType

from sqlalchemy import select
from sqlmodel import Session

from app.book.days import day_of
from app.book.errors import LedgerError
from app.book.payments import PaymentIn, post_payments
from app.intake.clicks import note_click
from app.intake.concerned import stop_customer
from app.intake.disputes import DisputeKind, UnknownInvoice, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.holds import place_hold
from app.intake.plans import PlanRefused
from app.intake.promises import MadeBy, PromiseRefused, make_promise
from app.intake.replies import Written, receive_reply
from app.intake.replies.classing import NotClassed, class_by_person
from app.loops.tryout.asked import Happening, What
from app.loops.tryout.stage import Stage, agree
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.guard import lock_persons
from app.store.rows import Address, ContactPoint, Invoice, Link, Message, Reply, Sender
from campaigns.money import Money
from campaigns.vocabulary import HoldKind

_INVOICE, _SENDER = table_of(Invoice), table_of(Sender)
_LINK, _MESSAGE, _REPLY = table_of(Link), table_of(Message), table_of(Reply)
_POINT, _ADDRESS = table_of(ContactPoint), table_of(Address)
_PROMISED_FOR = timedelta(days=7)
_HELD_FOR = timedelta(days=7)
_PART = 3
_TEAM = "the team"
_STOP = "STOP"
_REFUSALS = (PromiseRefused, PlanRefused, UnknownInvoice, LedgerError, NotClassed)
_numbers = count(1)


def happen(stage: Stage, happening: Happening) -> bool:
    """Does it, now. Answers whether it could be: nobody pays what is not open, and a promise
    beyond what the creditor takes is refused."""
    if happening.what is What.BOUNCES:
        stage.break_down(happening.medium)
        return True
    if happening.what is What.NOT_APPROVED:
        stage.approves = False
        return True
    with stage.database.write() as session:
        try:
            with session.begin_nested():
                return _ACTS[happening.what](stage, session, happening)
        except _REFUSALS:
            return False


def _pays(stage: Stage, session: Session, happening: Happening) -> bool:
    owed = _owed(session)
    if owed is None:
        return False
    minor = owed.minor if happening.what is What.PAYS else max(1, owed.minor // _PART)
    now = stage.clock.now()
    amount, today = Money(minor, owed.currency), day_of(now, stage.zone)
    key = f"tried:{next(_numbers)}"
    post_payments(session, [PaymentIn(key, stage.customer_id, amount, today, now)], now=now)
    return True


def _promises(stage: Stage, session: Session, happening: Happening) -> bool:
    owed = _owed(session)
    if owed is None:
        return False
    minor = owed.minor if happening.what is What.PROMISES else max(1, owed.minor // _PART)
    now = stage.clock.now()
    make_promise(
        session,
        customer_id=stage.customer_id,
        amount=Money(minor, owed.currency),
        due_on=day_of(now, stage.zone) + _PROMISED_FOR,
        made_by=MadeBy.PAGE,
        now=now,
    )
    return True


def _plans(stage: Stage, session: Session, _: Happening) -> bool:
    if _owed(session) is None:
        return False
    now = stage.clock.now()
    agree(session, stage.customer_id, day_of(now, stage.zone), now)
    return True


def _disputes(stage: Stage, session: Session, happening: Happening) -> bool:
    invoice_id = session.connection().scalar(_OLDEST.with_only_columns(_INVOICE.c.id))
    if invoice_id is None:
        return False
    dispute_invoice(
        session,
        customer_id=stage.customer_id,
        invoice_id=invoice_id,
        kind=DisputeKind.WRONG_AMOUNT,
        words=happening.words or None,
        now=stage.clock.now(),
    )
    return True


def _in_hardship(stage: Stage, session: Session, happening: Happening) -> bool:
    report_hardship(
        session,
        customer_id=stage.customer_id,
        kind="income",
        words=happening.words or None,
        now=stage.clock.now(),
    )
    return True


def _writes(stage: Stage, session: Session, happening: Happening) -> bool:
    """An answer that is sent back to our own address, on a medium that both have."""
    text = _STOP if happening.what is What.OPTS_OUT else happening.words
    query = (
        select(_ADDRESS.c.value, _SENDER.c.address)
        .join_from(_POINT, _ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
        .join(_SENDER, _SENDER.c.medium == _POINT.c.medium)
        .where(_POINT.c.medium == happening.medium, _POINT.c.active)
        .order_by(_POINT.c.id, _SENDER.c.id)
    )
    found = session.connection().execute(query).first()
    if found is None or not text.strip():
        return False
    theirs, ours = found
    now = stage.clock.now()
    key = f"sandbox:tried:{next(_numbers)}"
    receive_reply(session, Written(key, happening.medium, theirs, ours, text, now), now=now)
    _is_read(session, happening, now)
    return True


def _is_read(session: Session, happening: Happening, now: datetime) -> None:
    """Somebody of the team reads what was not understood by itself."""
    if happening.intent is None:
        return
    unread = select(_REPLY.c.id).where(_REPLY.c.classed_at.is_(None)).order_by(_REPLY.c.id.desc())
    reply_id = session.connection().scalar(unread.limit(1))
    if reply_id is not None:
        class_by_person(session, reply_id, happening.intent, by=_TEAM, now=now)


def _opens(stage: Stage, session: Session, _: Happening) -> bool:
    latest = (
        select(_LINK.c.id, _MESSAGE.c.person_id)
        .join(_MESSAGE, _MESSAGE.c.id == _LINK.c.message_id)
        .where(_MESSAGE.c.clicked_at.is_(None))
        .order_by(_LINK.c.id.desc())
    )
    found = session.connection().execute(latest).first()
    if found is None:
        return False
    lock_persons(session, [found.person_id])
    return note_click(session, found.id, stage.clock.now())


def _is_held(stage: Stage, session: Session, _: Happening) -> bool:
    now = stage.clock.now()
    concerned = stop_customer(session, stage.customer_id)
    place_hold(session, concerned, HoldKind.STAFF, until=now + _HELD_FOR, why="tried", now=now)
    return True


_ACTS: Mapping[What, Callable[[Stage, Session, Happening], bool]] = MappingProxyType(
    {
        What.PAYS: _pays,
        What.PAYS_PART: _pays,
        What.PROMISES: _promises,
        What.PROMISES_PART: _promises,
        What.PLANS: _plans,
        What.DISPUTES: _disputes,
        What.IN_HARDSHIP: _in_hardship,
        What.REPLIES: _writes,
        What.OPTS_OUT: _writes,
        What.OPENS: _opens,
        What.HELD: _is_held,
    }
)
_OLDEST = (
    select(_INVOICE)
    .where(_INVOICE.c.open_minor > NOTHING)
    .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
)


def _owed(session: Session) -> Money | None:
    """All that is open in the currency of the oldest invoice."""
    rows = session.connection().execute(_OLDEST).all()
    if not rows:
        return None
    currency = rows[0].currency
    return Money(sum(row.open_minor for row in rows if row.currency == currency), currency)
