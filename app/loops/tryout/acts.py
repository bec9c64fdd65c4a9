"""What the customer of a trial does, by the same functions as in production."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from types import MappingProxyType

from sqlalchemy import select
from sqlmodel import Session

from app.book.days import day_of
from app.book.errors import LedgerError
from app.book.payments import PaymentIn, post_payments
from app.intake.disputes import DisputeKind, UnknownInvoice, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.plans import PlanRefused
from app.intake.promises import MadeBy, PromiseRefused, make_promise
from app.intake.replies import Written, receive_reply
from app.loops.tryout.asked import Happening, What
from app.loops.tryout.stage import Stage, agree
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import Address, ContactPoint, Invoice, Sender
from campaigns.money import Money

_INVOICE, _SENDER = table_of(Invoice), table_of(Sender)
_POINT, _ADDRESS = table_of(ContactPoint), table_of(Address)
_PROMISED_FOR = timedelta(days=7)
_PART = 3
_STOP = "STOP"
_REFUSALS = (PromiseRefused, PlanRefused, UnknownInvoice, LedgerError)
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
