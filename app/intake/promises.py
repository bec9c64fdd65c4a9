"""A customer's promise to pay: made inside the creditor's envelope, or refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlmodel import Session

from app.book.envelope import Envelope, House, house_of
from app.book.ledger import paid_total
from app.intake.concerned import Concerned, stop_customer
from app.intake.places import Place, told_of
from app.payments.claimable import ClaimableInvoice, claimable, total_of
from app.store.bulk import insert_returning_ids
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Plan, Promise
from campaigns.money import Money
from campaigns.vocabulary import Signal

_PROMISE, _PLAN = table_of(Promise), table_of(Plan)


class MadeBy(StrEnum):
    PAGE = "page"
    REPLY = "reply"
    STAFF = "staff"


class PromiseProblem(StrEnum):
    """Why a promise was not taken. Stable: pages choose their words by it."""

    NOT_OFFERED = "not_offered"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    NOTHING_OPEN = "nothing_open"
    LIMITATION_PASSED = "limitation_passed"
    MORE_THAN_OPEN = "more_than_open"
    TOO_LITTLE = "too_little"
    IN_THE_PAST = "in_the_past"
    TOO_FAR = "too_far"
    PROMISE_OPEN = "promise_open"
    TOO_MANY_BROKEN = "too_many_broken"
    PLAN_RUNNING = "plan_running"


class PromiseRefused(Exception):
    """The promise lies outside of the envelope. `code` is for pages, the sentence for staff."""

    def __init__(self, code: PromiseProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class PromiseMade:
    """An open promise; after `grace_until` it is broken. `is_new` is false when told again."""

    promise_id: int
    grace_until: datetime
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class _Offer:
    """The promise that is asked for, and what it is measured against."""

    concerned: Concerned
    house: House
    amount: Money
    due_on: date
    now: datetime

    @property
    def envelope(self) -> Envelope:
        return self.house.envelope


def make_promise(
    session: Session,
    *,
    customer_id: int,
    amount: Money,
    due_on: date,
    made_by: MadeBy,
    now: datetime,
    said_from: Place | None = None,
) -> PromiseMade:
    """Takes a promise of `amount` by `due_on` (a date on the creditor's calendar). It is confirmed
    where it was `said_from`.

    The same promise told twice is one. It covers the claimable invoices of its currency that are
    not past their limitation date: a promise could revive a debt that the law has let go.
    Raises `PromiseRefused`, `UnknownCustomer` and `EnvelopeError`.
    """
    concerned = stop_customer(session, customer_id)
    offer = _Offer(concerned, house_of(session, concerned.creditor_id), amount, due_on, now)
    open_ones = _open_promises(session, customer_id)
    for promise in open_ones:
        if _is_same(promise, offer):
            return PromiseMade(promise.id, promise.grace_until, is_new=False)
    _ensure_dates(offer)
    invoices = _promisable(session, offer)
    _ensure_amount(offer, total_of(invoices))
    _ensure_history(session, offer, len(open_ones))
    return _write(session, offer, invoices, made_by, said_from)


def _open_promises(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    return session.connection().execute(_OPEN, {"customer_id": customer_id}).all()


def _is_same(promise: Row[Any], offer: _Offer) -> bool:
    told = Money(promise.amount_minor, promise.currency)
    return told == offer.amount and promise.due_on == offer.due_on


def _ensure_dates(offer: _Offer) -> None:
    today, envelope = offer.house.today(offer.now), offer.envelope
    if envelope.max_open == 0:
        raise PromiseRefused(
            PromiseProblem.NOT_OFFERED, "this creditor's envelope offers no promises"
        )
    if offer.due_on < today:
        raise PromiseRefused(PromiseProblem.IN_THE_PAST, f"{offer.due_on} is past")
    furthest = today + timedelta(days=envelope.furthest_days)
    if offer.due_on > furthest:
        raise PromiseRefused(
            PromiseProblem.TOO_FAR, f"{offer.due_on} is later than {furthest}, the last day allowed"
        )


def _promisable(session: Session, offer: _Offer) -> list[ClaimableInvoice]:
    currency, today = offer.amount.currency, offer.house.today(offer.now)
    open_now = claimable(session, offer.concerned.customer_id, currency)
    if not open_now:
        raise PromiseRefused(
            PromiseProblem.NOTHING_OPEN, f"nothing undisputed is owed in {currency}"
        )
    alive = [i for i in open_now if i.limitation_on is None or i.limitation_on > today]
    if not alive or total_of(alive) < offer.amount.minor <= total_of(open_now):
        raise PromiseRefused(
            PromiseProblem.LIMITATION_PASSED,
            "the debt, or a part that the promise would cover, is past its limitation date;"
            " only a person may speak of it",
        )
    return alive


def _ensure_amount(offer: _Offer, open_minor: int) -> None:
    amount, envelope = offer.amount, offer.envelope
    if amount.minor <= 0:
        raise PromiseRefused(
            PromiseProblem.AMOUNT_NOT_POSITIVE, f"{amount} is nothing that can be promised"
        )
    if amount.minor > open_minor:
        raise PromiseRefused(
            PromiseProblem.MORE_THAN_OPEN,
            f"{amount} is more than the {Money(open_minor, amount.currency)} that is open",
        )
    least = ceil(envelope.least_share * open_minor)
    if amount.minor < least:
        raise PromiseRefused(
            PromiseProblem.TOO_LITTLE,
            f"{amount} is less than {Money(least, amount.currency)}, the least that the envelope"
            f" allows (a share of {envelope.least_share})",
        )


def _ensure_history(session: Session, offer: _Offer, open_count: int) -> None:
    customer_id, envelope = offer.concerned.customer_id, offer.envelope
    if open_count >= envelope.max_open:
        raise PromiseRefused(
            PromiseProblem.PROMISE_OPEN, f"customer {customer_id} has a promise open already"
        )
    since = offer.now - timedelta(days=envelope.broken_within_days)
    asked = {"customer_id": customer_id, "since": since}
    broken, running = session.connection().execute(_HISTORY, asked).one()
    if broken >= envelope.max_broken:
        raise PromiseRefused(
            PromiseProblem.TOO_MANY_BROKEN,
            f"customer {customer_id} broke {broken} promises since {since.date()}",
        )
    if running:
        raise PromiseRefused(
            PromiseProblem.PLAN_RUNNING, f"customer {customer_id} has a payment plan running"
        )


_OPEN = select(_PROMISE).where(
    _PROMISE.c.customer_id == bindparam("customer_id"), _PROMISE.c.state == word("open")
)
_BROKEN = select(func.count()).where(
    _PROMISE.c.customer_id == bindparam("customer_id"),
    _PROMISE.c.state == "broken",
    _PROMISE.c.ended_at > bindparam("since"),
)
_RUNNING = select(func.count()).where(
    _PLAN.c.customer_id == bindparam("customer_id"), _PLAN.c.state == "running"
)
_HISTORY = select(_BROKEN.scalar_subquery(), _RUNNING.scalar_subquery())


def _write(
    session: Session,
    offer: _Offer,
    invoices: Sequence[ClaimableInvoice],
    made_by: MadeBy,
    said_from: Place | None,
) -> PromiseMade:
    customer_id, amount = offer.concerned.customer_id, offer.amount
    grace_until = offer.house.grace_until(offer.due_on)
    row = {
        "customer_id": customer_id,
        "currency": amount.currency,
        "amount_minor": amount.minor,
        "invoice_ids": [invoice.id for invoice in invoices],
        "due_on": offer.due_on,
        "grace_until": grace_until,
        "made_at": offer.now,
        "made_by": made_by,
        "paid_before_minor": paid_total(session, customer_id, amount.currency),
    }
    (promise_id,) = insert_returning_ids(session, Promise, [row])
    made = Happened(
        Signal.PROMISE_MADE,
        at=offer.now,
        customer_id=customer_id,
        own_act=made_by is not MadeBy.STAFF,
        payload={"promise_id": promise_id, "made_by": made_by, **told_of(said_from)},
    )
    record(session, [made], now=offer.now)
    return PromiseMade(promise_id, grace_until)
