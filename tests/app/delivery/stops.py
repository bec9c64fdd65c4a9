"""The facts that stop a message, as the code that takes them in production writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, Select, select
from sqlmodel import Session

from app.book.ledger import PaymentIn, post_payment
from app.intake.concerned import stop_customer
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.holds import place_hold
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.promises import MadeBy, make_promise
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import ContactPoint, Invoice
from campaigns.money import Money
from campaigns.reach import StopAct
from campaigns.vocabulary import HoldKind

_INVOICE, _POINT = table_of(Invoice), table_of(ContactPoint)

Stop = Callable[[Session, int, datetime], object]


def pay(session: Session, customer_id: int, now: datetime) -> None:
    """Everything that the customer owes."""
    _pay(session, customer_id, _open_invoices(session, customer_id), now)


def pay_oldest(session: Session, customer_id: int, now: datetime) -> None:
    """The invoice that fell due first; of those of one day, the one that came in last."""
    _pay(session, customer_id, _open_invoices(session, customer_id)[:1], now)


def _open_invoices(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    query: Select[Any] = (
        select(_INVOICE)
        .where(_INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > 0)
        .order_by(_INVOICE.c.due_on, _INVOICE.c.id.desc())
    )
    return session.connection().execute(query).all()


def _pay(session: Session, customer_id: int, invoices: Sequence[Row[Any]], now: datetime) -> None:
    for row in invoices:
        post_payment(
            session,
            PaymentIn(
                key=f"payment-{row.id}",
                customer_id=customer_id,
                amount=Money(row.open_minor, row.currency),
                paid_on=now.date(),
                received_at=now,
                invoice_ids=(row.id,),
            ),
            now=now,
        )


def withdraw(session: Session, customer_id: int, now: datetime) -> None:
    """Opts out on every address."""
    query = select(_POINT.c.address_id).where(_POINT.c.customer_id == customer_id).distinct()
    for address_id in session.connection().execute(query).scalars().all():
        opt_out(session, StopSaid(StopAct.PAGE, None, "page"), address_id=address_id, now=now)


def dispute(session: Session, customer_id: int, now: datetime) -> None:
    """Every invoice."""
    query = select(_INVOICE.c.id).where(_INVOICE.c.customer_id == customer_id)
    for invoice_id in session.connection().execute(query).scalars().all():
        dispute_invoice(
            session,
            customer_id=customer_id,
            invoice_id=invoice_id,
            kind=DisputeKind.OTHER,
            words=None,
            now=now,
        )


def hold(session: Session, customer_id: int, now: datetime) -> None:
    concerned = stop_customer(session, customer_id)
    until = now + timedelta(days=3)
    place_hold(session, concerned, HoldKind.STAFF, until=until, why="a test", now=now)


def promise(session: Session, customer_id: int, now: datetime) -> None:
    query = select(_INVOICE).where(_INVOICE.c.customer_id == customer_id)
    row = session.connection().execute(query).first()
    assert row is not None
    make_promise(
        session,
        customer_id=customer_id,
        amount=Money(row.open_minor, row.currency),
        due_on=now.date() + timedelta(days=3),
        made_by=MadeBy.PAGE,
        now=now,
    )


STOPS: Mapping[str, Stop] = MappingProxyType(
    {"payment": pay, "opt-out": withdraw, "dispute": dispute, "hold": hold, "promise": promise}
)


def commit(database: Database, stop: Stop, customer_id: int, now: datetime) -> None:
    with database.write() as session:
        stop(session, customer_id, now)
