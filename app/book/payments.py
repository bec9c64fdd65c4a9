"""Posts money that came in. One payment and a whole feed take the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from app.book.allocation import Claims, Share
from app.book.discount_entries import Given, give
from app.book.discounts import Discounts
from app.book.errors import LedgerError
from app.book.holders import Holder, hold, mark_changed
from app.book.promises import keep_promises
from app.store.bulk import insert_new, insert_returning_ids, insert_rows
from app.store.given import ids_where
from app.store.journal import Happened, record
from app.store.rows import Allocation, Payment, Task
from app.store.tasks import DONE_WITHIN
from campaigns.keys import derive
from campaigns.money import Money
from campaigns.vocabulary import Signal

SURPLUS_TITLE = "Money came in that settles no invoice: allocate it or pay it back"


@dataclass(frozen=True, slots=True)
class PaymentIn:
    """Money of one customer. `key` is the payer's system's own, so that a repeat lands once.

    `invoice_ids` are settled first, in this order; ids of others or in other currencies are
    passed over. `received_at` is when we learned of it, `paid_on` when it was paid; `chosen_on` is
    when the payer chose to pay, if the money was under way since. `is_promised` says that a
    discount was promised then. A replay tells the discounts themselves.
    """

    key: str
    customer_id: int
    amount: Money
    paid_on: date
    received_at: datetime
    method: str = "feed"
    reference: str | None = None
    invoice_ids: tuple[int, ...] = ()
    checkout_id: int | None = None
    chosen_on: date | None = None
    is_promised: bool = False
    discounts: tuple[Given, ...] | None = None


@dataclass(frozen=True, slots=True)
class PaymentPosted:
    """What a payment settled, and the discounts that it earned. `payment_id` is None when its key
    was known: nothing was done."""

    payment_id: int | None
    allocated: tuple[Share, ...]
    surplus: Money
    earned: tuple[Given, ...] = ()


def post_payment(session: Session, payment: PaymentIn, *, now: datetime) -> PaymentPosted:
    """Posts one payment, once. See `post_payments`."""
    return post_payments(session, [payment], now=now)[0]


def post_payments(
    session: Session, payments: Sequence[PaymentIn], *, now: datetime
) -> list[PaymentPosted]:
    """Posts payments in their order, each key once; answers in the same order.

    What the creditor gives to who pays in time is written off. What no invoice takes stays credit,
    and finance gets a task: credit is never spent on a later invoice without a person. Open
    promises that are met are kept. Raises `LedgerError` for an amount that is not positive, and
    `UnknownCustomer`.
    """
    for payment in payments:
        if payment.amount.minor <= 0:
            raise LedgerError(f"payment {payment.key} is not positive; post a reversal instead")
    holders = hold(session, (payment.customer_id for payment in payments))
    fresh = _fresh(session, payments)
    claims = Claims.load(session, (payment.customer_id for payment in fresh.values()))
    owners = {each.customer_id: holders[each.customer_id].creditor_id for each in fresh.values()}
    discounts = Discounts.load(session, owners, now)
    taken = {key: _take(discounts, claims, payment) for key, payment in fresh.items()}
    rows = {key: _row(payment, holders) for key, payment in fresh.items()}
    ids = insert_returning_ids(session, Payment, list(rows.values()))
    posted = {
        key: PaymentPosted(payment_id, shares, _left(fresh[key], shares), earned)
        for (key, (earned, shares)), payment_id in zip(taken.items(), ids, strict=True)
    }
    _allocate(session, posted.values(), now)
    for key, one in posted.items():
        if one.payment_id is not None and one.earned:
            give(session, one.earned, payment=rows[key], payment_id=one.payment_id, now=now)
    claims.save(session)
    _tell(session, fresh, posted, now)
    mark_changed(
        session,
        {holders[payment.customer_id] for payment in fresh.values()},
        now=now,
    )
    return [_answer(payment, posted) for payment in payments]


def _fresh(session: Session, payments: Sequence[PaymentIn]) -> dict[str, PaymentIn]:
    known = ids_where(session, Payment, "key", {payment.key for payment in payments})
    fresh: dict[str, PaymentIn] = {}
    for payment in payments:
        if payment.key not in known:
            fresh.setdefault(payment.key, payment)
    return fresh


def _take(
    discounts: Discounts, claims: Claims, payment: PaymentIn
) -> tuple[tuple[Given, ...], tuple[Share, ...]]:
    """What the payment earns, and what it settles of the rest."""
    whose, money, named = payment.customer_id, payment.amount, payment.invoice_ids
    earned = payment.discounts
    if earned is None:
        earned = discounts.earned(
            claims.meant(whose, money.currency, named),
            payment.chosen_on or payment.paid_on,
            money.minor,
            is_promised=payment.is_promised,
        )
    for one in earned:
        claims.settle_one(whose, money.currency, one.share.minor, one.share.invoice_id)
    return earned, claims.settle(whose, money.currency, money.minor, named)


def _left(payment: PaymentIn, shares: Sequence[Share]) -> Money:
    settled = sum(share.minor for share in shares)
    return Money(payment.amount.minor - settled, payment.amount.currency)


def _row(payment: PaymentIn, holders: Mapping[int, Holder]) -> dict[str, Any]:
    return {
        "key": payment.key,
        "creditor_id": holders[payment.customer_id].creditor_id,
        "customer_id": payment.customer_id,
        "currency": payment.amount.currency,
        "amount_minor": payment.amount.minor,
        "paid_on": payment.paid_on,
        "received_at": payment.received_at,
        "method": payment.method,
        "reference": payment.reference,
        "checkout_id": payment.checkout_id,
    }


def _allocate(session: Session, posted: Iterable[PaymentPosted], now: datetime) -> None:
    rows = [
        {
            "invoice_id": share.invoice_id,
            "payment_id": payment.payment_id,
            "amount_minor": share.minor,
            "at": now,
        }
        for payment in posted
        for share in payment.allocated
    ]
    insert_rows(session, Allocation, rows)


def _tell(
    session: Session,
    fresh: Mapping[str, PaymentIn],
    posted: Mapping[str, PaymentPosted],
    now: datetime,
) -> None:
    """The events, finance's tasks for what is left over, and the promises that are now kept."""
    facts = [_fact(payment, posted[key]) for key, payment in fresh.items()]
    tasks = [
        _surplus_task(payment, posted[key], now)
        for key, payment in fresh.items()
        if posted[key].surplus.minor
    ]
    insert_new(session, Task, tasks)
    kept = keep_promises(session, {payment.customer_id for payment in fresh.values()}, now=now)
    record(session, [*facts, *kept], now=now)


def _fact(payment: PaymentIn, posted: PaymentPosted) -> Happened:
    return Happened(
        kind=Signal.PAYMENT_RECEIVED,
        at=payment.received_at,
        customer_id=payment.customer_id,
        key=derive("payment", payment.key),
        own_act=payment.checkout_id is not None,
        payload={
            "payment_id": posted.payment_id,
            "invoice_ids": [share.invoice_id for share in posted.allocated],
            **(
                {"discounted": [one.share.invoice_id for one in posted.earned]}
                if posted.earned
                else {}
            ),
        },
    )


def _surplus_task(payment: PaymentIn, posted: PaymentPosted, now: datetime) -> dict[str, Any]:
    return {
        "key": derive("surplus", payment.key),
        "team": "finance",
        "kind": "surplus",
        "title": SURPLUS_TITLE,
        "customer_id": payment.customer_id,
        "detail": {
            "payment_id": posted.payment_id,
            "currency": posted.surplus.currency,
            "surplus_minor": posted.surplus.minor,
        },
        "created_at": now,
        "due_at": now + DONE_WITHIN,
    }


def _answer(payment: PaymentIn, posted: dict[str, PaymentPosted]) -> PaymentPosted:
    """A repeat inside one call is known the second time."""
    known = PaymentPosted(None, (), Money(0, payment.amount.currency))
    return posted.pop(payment.key, known)
