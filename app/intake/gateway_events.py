"""What a gateway tells: payments into the ledger, what became of a checkout, money that went back.

Only verified events come here. Each lands once, in any order: a payment is never refused because of
what we thought of its checkout, and a weaker word about a checkout never undoes a stronger one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final, assert_never

from sqlalchemy import Row, bindparam, or_, select
from sqlmodel import Session

from app.book.discount_entries import earned_by
from app.book.envelope import local_day, zone_in
from app.book.ledger import PaymentIn, ReversalIn, ReversalKind, post_payment, post_reversal
from app.book.mandates import CardIn, EndedBy, UnknownMandate, keep_card, revoke_mandates
from app.book.subscriptions import renew_card
from app.intake.concerned import stop_customer
from app.intake.errors import Premature
from app.intake.holds import place_hold, release
from app.intake.tasks import Team, give_task
from app.payments.checkout_rows import BANKS_TAKE, CheckoutState, end, note_decline
from app.payments.gateway import (
    CardKept,
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    CheckoutPending,
    GatewayEvent,
    OtherEvent,
    PaymentContested,
    PaymentReversed,
    ReversalUndone,
)
from app.payments.gateway import ReversalKind as GatewayReversal
from app.payments.stale import expire_open_of
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Allocation, Checkout, Creditor, Customer, Hold, Payment, Reversal
from campaigns.calendar import local_date
from campaigns.money import Money
from campaigns.vocabulary import HoldKind, Signal

LOOK_WITHIN: Final = timedelta(days=1)

_CHECKOUT, _PAYMENT = table_of(Checkout), table_of(Payment)
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
_REVERSAL, _ALLOCATION, _HOLD = table_of(Reversal), table_of(Allocation), table_of(Hold)

_CHECKOUT_OF: Final = (
    select(_CHECKOUT, _CREDITOR.c.zone)
    .join(_CUSTOMER, _CUSTOMER.c.id == _CHECKOUT.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .where(
        _CHECKOUT.c.gateway == bindparam("gateway"),
        or_(
            _CHECKOUT.c.session_id == bindparam("session_id"),
            _CHECKOUT.c.key == bindparam("key"),
        ),
    )
)
_PAYMENT_OF: Final = select(_PAYMENT).where(_PAYMENT.c.key == bindparam("key"))
_CONFIRMING: Final = select(_HOLD.c.id).where(
    _HOLD.c.customer_id == bindparam("customer_id"),
    _HOLD.c.kind == HoldKind.PAYMENT.value,
    _HOLD.c.released_at.is_(None),
)


def take_gateway_event(
    session: Session, gateway: str, event: GatewayEvent, *, now: datetime
) -> None:
    """Takes one verified event of the gateway of this name.

    Raises `Premature` for one that refers to a checkout or a payment that is not on record (yet):
    callbacks overtake each other, so it is to be tried again.
    """
    match event:
        case CheckoutPaid():
            _take_payment(session, gateway, event, now)
        case CheckoutPending():
            _take_pending(session, gateway, event, now)
        case CheckoutDeclined():
            _take_decline(session, gateway, event, now)
        case CheckoutExpired():
            checkout = _checkout(session, gateway, event.session_id, event.checkout_key)
            stop_customer(session, checkout.customer_id)
            end(session, checkout.id, CheckoutState.EXPIRED, now)
        case PaymentReversed():
            _take_reversal(session, gateway, event, now)
        case ReversalUndone():
            _take_back(session, gateway, event, now)
        case PaymentContested():
            _ask_about_contest(session, gateway, event, now)
        case CardKept():
            _keep_card(session, gateway, event, now)
        case OtherEvent():
            return
        case _:
            assert_never(event)


def _take_payment(session: Session, gateway: str, event: CheckoutPaid, now: datetime) -> None:
    checkout = _checkout(session, gateway, event.session_id, event.checkout_key)
    # `post_payment` holds the guard, and raises it where the payment is new.
    posted = post_payment(
        session,
        PaymentIn(
            key=_payment_key(gateway, event.payment_ref),
            customer_id=checkout.customer_id,
            amount=event.amount,
            paid_on=local_date(event.at, zone_in(checkout.zone)),
            received_at=now,
            method=gateway,
            reference=event.payment_ref,
            invoice_ids=tuple(checkout.invoice_ids),
            checkout_id=checkout.id,
            # A debit is under way for days: who pressed "pay" in time has paid in time.
            chosen_on=local_date(checkout.created_at, zone_in(checkout.zone)),
            is_promised=checkout.discount_minor is not None,
        ),
        now=now,
    )
    end(session, checkout.id, CheckoutState.PAID, now)
    if posted.payment_id is None:
        return
    _release_confirming(session, checkout.customer_id, now)
    expire_open_of(session, [checkout.customer_id])
    if event.card_kept:
        renew_card(session, checkout.customer_id, checkout.invoice_ids, now=now)
    if event.amount != Money(checkout.amount_minor, checkout.currency):
        _ask_about_amount(session, checkout, event, posted.payment_id, now)


def _take_pending(session: Session, gateway: str, event: CheckoutPending, now: datetime) -> None:
    """Nothing is posted: it is not here yet. Nobody writes meanwhile."""
    checkout = _checkout(session, gateway, event.session_id, event.checkout_key)
    concerned = stop_customer(session, checkout.customer_id)
    if end(session, checkout.id, CheckoutState.PENDING, now):
        until, why = now + BANKS_TAKE, f"checkout:{checkout.id}"
        place_hold(session, concerned, HoldKind.PAYMENT, until=until, why=why, now=now)


def _keep_card(session: Session, gateway: str, event: CardKept, now: datetime) -> None:
    told = event.card
    card = CardIn(told.customer_ref, told.method_ref, told.brand, told.last_four)
    try:
        keep_card(session, gateway, event.mandate_key, card, now=now)
    except UnknownMandate as unknown:
        raise Premature(str(unknown)) from unknown


def _release_confirming(session: Session, customer_id: int, now: datetime) -> None:
    found = session.connection().execute(_CONFIRMING, {"customer_id": customer_id}).scalars()
    if holds := list(found):
        release(session, holds, now)


def _take_decline(session: Session, gateway: str, event: CheckoutDeclined, now: datetime) -> None:
    checkout = _checkout(session, gateway, event.session_id, event.checkout_key)
    stop_customer(session, checkout.customer_id)
    if not end(session, checkout.id, CheckoutState.DECLINED, now):
        return  # told before, or paid all the same
    note_decline(session, checkout.id, event.declined, event.code)
    _release_confirming(session, checkout.customer_id, now)
    declined = Happened(
        Signal.PAYMENT_DECLINED,
        at=event.at,
        customer_id=checkout.customer_id,
        case_id=checkout.case_id,
        key=f"payment_declined:{checkout.key}",
        own_act=checkout.mandate_id is None,  # a kept card was asked while nobody was at a page
        payload={"checkout_id": checkout.id},
    )
    record(session, [declined], now=now)


def _take_reversal(session: Session, gateway: str, event: PaymentReversed, now: datetime) -> None:
    payment = _payment(session, gateway, event.payment_ref)
    posted = post_reversal(
        session,
        ReversalIn(
            key=f"{gateway}:{event.reversal_ref}",
            kind=ReversalKind(event.kind),
            customer_id=payment.customer_id,
            amount=event.amount,
            reversed_on=local_day(session, payment.creditor_id, event.at),
            received_at=now,
            payment_id=payment.id,
        ),
        now=now,
    )
    if posted.reversal_id is not None:
        expire_open_of(session, [payment.customer_id])
        _end_contested_mandate(session, payment, event, now)


def _end_contested_mandate(
    session: Session, payment: Row[Any], event: PaymentReversed, now: datetime
) -> None:
    """Whoever has a debit taken back does not want the next one."""
    query = select(_CHECKOUT.c.mandate_id).where(_CHECKOUT.c.id == payment.checkout_id)
    was_debited = session.connection().scalar(query) is not None
    if was_debited and event.kind in (GatewayReversal.CHARGEBACK, GatewayReversal.RETURNED_DEBIT):
        revoke_mandates(session, payment.customer_id, by=EndedBy.BANK, now=now)


def _take_back(session: Session, gateway: str, event: ReversalUndone, now: datetime) -> None:
    """What went back is here again: a payment for what the first one had settled."""
    key = f"{gateway}:{event.reversal_ref}"
    payment = _payment(session, gateway, event.payment_ref)
    known = select(_REVERSAL.c.id).where(_REVERSAL.c.key == key)
    if session.connection().scalar(known) is None:
        raise Premature(f"reversal {event.reversal_ref} of {gateway} is not on record")
    stop_customer(session, payment.customer_id)
    settled = (
        select(_ALLOCATION.c.invoice_id)
        .where(_ALLOCATION.c.payment_id == payment.id)
        .group_by(_ALLOCATION.c.invoice_id)
        .order_by(_ALLOCATION.c.invoice_id)
    )
    posted = post_payment(
        session,
        PaymentIn(
            key=f"{key}:undone",
            customer_id=payment.customer_id,
            amount=event.amount,
            paid_on=local_day(session, payment.creditor_id, event.at),
            received_at=now,
            method=gateway,
            reference=event.payment_ref,
            invoice_ids=tuple(session.connection().execute(settled).scalars()),
            chosen_on=_chosen_on(session, payment),
            is_promised=earned_by(session, payment.id),
        ),
        now=now,
    )
    if posted.payment_id is not None:
        expire_open_of(session, [payment.customer_id])


def _chosen_on(session: Session, payment: Row[Any]) -> date:
    """When the payer chose to pay: when its checkout was opened."""
    query = select(_CHECKOUT.c.created_at).where(_CHECKOUT.c.id == payment.checkout_id)
    opened_at = session.connection().scalar(query)
    return local_day(session, payment.creditor_id, opened_at) if opened_at else payment.paid_on


def _ask_about_contest(
    session: Session, gateway: str, event: PaymentContested, now: datetime
) -> None:
    payment = _payment(session, gateway, event.payment_ref)
    left = event.answer_by - now if event.answer_by else LOOK_WITHIN
    give_task(
        session,
        key=f"payment_contested:{gateway}:{event.contest_ref}",
        team=Team.FINANCE,
        kind="payment_contested",
        title="The payer's bank asks about a payment: answer it at the gateway, in time",
        now=now,
        due_in=max(left, timedelta(0)),
        customer_id=payment.customer_id,
        detail={"payment_id": payment.id},
    )


def _payment(session: Session, gateway: str, payment_ref: str) -> Row[Any]:
    key = _payment_key(gateway, payment_ref)
    found = session.connection().execute(_PAYMENT_OF, {"key": key}).one_or_none()
    if found is None:
        raise Premature(f"payment {payment_ref} of {gateway} is not on record")
    return found


def _checkout(session: Session, gateway: str, session_id: str, key: str | None) -> Row[Any]:
    """By the session, or by our key where a crash kept us from writing the session down."""
    asked = {"gateway": gateway, "session_id": session_id, "key": key or ""}
    found = session.connection().execute(_CHECKOUT_OF, asked).first()
    if found is None:
        raise Premature(f"session {session_id} of {gateway} belongs to no checkout on record")
    return found


def _ask_about_amount(
    session: Session, checkout: Row[Any], event: CheckoutPaid, payment_id: int, now: datetime
) -> None:
    came = event.amount
    give_task(
        session,
        key=f"amount_differs:{payment_id}",
        team=Team.FINANCE,
        kind="amount_differs",
        title="A gateway took another amount than the page asked for: compare the two",
        now=now,
        due_in=LOOK_WITHIN,
        customer_id=checkout.customer_id,
        case_id=checkout.case_id,
        detail={
            "checkout_id": checkout.id,
            "payment_id": payment_id,
            "asked": [checkout.amount_minor, checkout.currency],
            "came": [came.minor, came.currency],
        },
    )


def _payment_key(gateway: str, payment_ref: str) -> str:
    return f"{gateway}:{payment_ref}"
