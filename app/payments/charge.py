"""Charges of kept cards: a row before the gateway is asked, under a key of instalment and try.

The row is a checkout without a page, so whatever asks for a running checkout sees it. What came of
it is told by callbacks alone. A charge whose answer was lost is asked for again under its own key,
for as long as the gateway keeps keys, and never under another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, func, or_, select, update
from sqlmodel import Session

from app.payments.charging import ChargeRequest, KeptCard
from app.payments.checkout_rows import BANKS_TAKE, CheckoutState, the
from app.payments.gateway import ASKED_FOR
from app.store import rows
from app.store.bulk import insert_returning_ids
from app.store.given import table_of
from campaigns.keys import derive
from campaigns.money import Money

PATIENCE: Final = timedelta(minutes=10)
"""How long one try may take before somebody asks again: a call is bounded by seconds."""

_CHECKOUT, _MANDATE = table_of(rows.Checkout), table_of(rows.Mandate)
_CUSTOMER = table_of(rows.Customer)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be taken, from which mandate's card, and for what."""

    mandate_id: int
    gateway: str
    customer_id: int
    case_id: int
    instalment_id: int
    amount: Money
    invoice_ids: tuple[int, ...]


def intend_charge(session: Session, wish: Wish, *, now: datetime) -> Row[Any] | None:
    """Puts the next try on record. None while another checkout of the customer in this currency is
    not over: somebody may be paying. The guard of the person is held by the caller."""
    if _is_paying(session, wish, now):
        return None
    tries = select(func.count()).where(
        _CHECKOUT.c.instalment_id == wish.instalment_id, _CHECKOUT.c.mandate_id.is_not(None)
    )
    number = session.connection().execute(tries).scalar_one() + 1
    revision = select(_CUSTOMER.c.ledger_revision).where(_CUSTOMER.c.id == wish.customer_id)
    row = {
        "key": derive("charge", wish.instalment_id, number),
        "customer_id": wish.customer_id,
        "case_id": wish.case_id,
        "currency": wish.amount.currency,
        "amount_minor": wish.amount.minor,
        "ledger_revision": session.connection().execute(revision).scalar_one(),
        "gateway": wish.gateway,
        "invoice_ids": list(wish.invoice_ids),
        "created_at": now,
        "expires_at": now + ASKED_FOR,
        "mandate_id": wish.mandate_id,
        "instalment_id": wish.instalment_id,
        "asked_at": now,
    }
    (made,) = insert_returning_ids(session, rows.Checkout, [row])
    return the(session, made)


def take_up(session: Session, charge_id: int, *, now: datetime) -> Row[Any] | None:
    """The charge, to be asked for once more under its key; None if that is over, or somebody else
    has just asked. The guard of the person is held by the caller."""
    taken = session.connection().execute(
        update(_CHECKOUT).where(_CHECKOUT.c.id == charge_id, _unanswered(now)).values(asked_at=now)
    )
    return the(session, charge_id) if taken.rowcount else None


def unanswered(session: Session, now: datetime) -> Sequence[Row[Any]]:
    """Charges of which nobody knows whether the gateway heard of them, and that may be asked for
    again."""
    query = select(_CHECKOUT).where(_unanswered(now)).order_by(_CHECKOUT.c.id)
    return session.connection().execute(query).all()


def unheard_of(session: Session, now: datetime) -> Sequence[Row[Any]]:
    """Charges of which no callback has come in all the time in which one may be asked for."""
    query = select(_CHECKOUT).where(_running(), _CHECKOUT.c.created_at <= now - ASKED_FOR)
    return session.connection().execute(query.order_by(_CHECKOUT.c.id)).all()


def request_of(session: Session, charge: Row[Any], *, now: datetime) -> ChargeRequest:
    """What the gateway is asked; the same for the same charge."""
    query = select(_MANDATE).where(_MANDATE.c.id == charge.mandate_id)
    mandate = session.connection().execute(query).one()
    return ChargeRequest(
        key=charge.key,
        amount=Money(charge.amount_minor, charge.currency),
        card=KeptCard(mandate.customer_ref, mandate.method_ref),
        description="Payment",
        asked_at=now,
        ids={"checkout": charge.id, "customer": charge.customer_id, "case": charge.case_id},
    )


def write_down(session: Session, charge_id: int, session_id: str) -> None:
    """The id under which the gateway tells what came of it."""
    session.connection().execute(
        update(_CHECKOUT).where(_CHECKOUT.c.id == charge_id).values(session_id=session_id)
    )


def _is_paying(session: Session, wish: Wish, now: datetime) -> bool:
    query = select(_CHECKOUT.c.id).where(
        _CHECKOUT.c.customer_id == wish.customer_id,
        _CHECKOUT.c.currency == wish.amount.currency,
        or_(
            _CHECKOUT.c.state.in_((CheckoutState.OPEN, CheckoutState.EXPIRING)),
            and_(
                _CHECKOUT.c.state == CheckoutState.PENDING,
                _CHECKOUT.c.created_at > now - BANKS_TAKE,
            ),
        ),
    )
    return session.connection().execute(query.limit(1)).first() is not None


def _running() -> Any:
    return and_(_CHECKOUT.c.state == CheckoutState.OPEN, _CHECKOUT.c.mandate_id.is_not(None))


def _unanswered(now: datetime) -> Any:
    return and_(
        _running(),
        _CHECKOUT.c.session_id.is_(None),
        _CHECKOUT.c.asked_at <= now - PATIENCE,
        _CHECKOUT.c.created_at > now - ASKED_FOR,
    )
