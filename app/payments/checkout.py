"""Starts checkouts: one live a customer and currency, never two pages that can be paid.

    open ──── paid        a verified callback said so; wins over every other word, in any order
     ├ pending            the payer is done and the bank is not: paid or declined, days later
     ├─────── declined    the gateway said no for good
     ├─────── expired     nothing can be paid in it any more
     └ expiring ─ expired the amount or the ledger changed: the gateway is yet to be told

The row is committed before the gateway is called and the session is written down before its address
is given away. So a crash leaves a row to look at, a retry finds the same session by its key, and a
session that nobody wrote down is one whose address nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlmodel import Session

from app.payments.checkout_rows import (
    BANKS_TAKE,
    CheckoutState,
    end,
    expire_at,
    lock_person_of,
    one_where,
    the,
)
from app.payments.claimable import ClaimableInvoice, claimable, total_of
from app.payments.gateway import (
    CheckoutRequest,
    Gateway,
    GatewaySession,
    Payee,
    SessionPaid,
)
from app.store import rows
from app.store.bulk import insert_returning_ids
from app.store.engines import Database
from app.store.given import table_of
from app.store.guard import lock_persons
from campaigns.keys import derive
from campaigns.money import Money

LIFETIME: Final = timedelta(hours=2)
SHORTEST_LIFE: Final = timedelta(minutes=30)
"""Hosted pages live 30 minutes to 24 hours (contact rules, PAY-SESSION)."""

_CHECKOUT = table_of(rows.Checkout)
_CUSTOMER = table_of(rows.Customer)


class CheckoutProblem(StrEnum):
    """Why no checkout was started. Stable: pages choose their words by it."""

    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    NOTHING_OPEN = "nothing_open"
    MORE_THAN_OPEN = "more_than_open"
    INVOICE_NOT_OPEN = "invoice_not_open"
    PAYMENT_ARRIVING = "payment_arriving"
    FORM_USED = "form_used"


class CheckoutRefused(Exception):
    """No checkout can be started. `code` is for pages, the sentence for staff and logs."""

    def __init__(self, code: CheckoutProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where to send the payer. `url` is None once the checkout is paid: show that instead."""

    checkout_id: int
    state: CheckoutState
    url: str | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the form asked for, and the key that the same form always has."""

    customer_id: int
    case_id: int | None
    amount: Money
    invoice_ids: tuple[int, ...]
    nonce: str
    discount: Money | None = None

    def key(self, ledger_revision: int) -> str:
        amount, scope = self.amount, (self.customer_id, self.case_id, *self.invoice_ids)
        return derive(
            "checkout", *scope, ledger_revision, amount.currency, amount.minor, self.nonce
        )


def start_checkout(
    database: Database,
    gateway: Gateway,
    *,
    customer_id: int,
    case_id: int | None,
    amount: Money,
    invoice_ids: Sequence[int],
    nonce: str,
    now: datetime,
    return_url: str,
    cancel_url: str = "",
    description: str = "Payment",
    keeps_card: bool = False,
    language: str = "en",
    payee: Payee | None = None,
    mandate: str = "",
    discount: Money | None = None,
) -> Checkout:
    """The checkout for a payer who pressed "pay". The same POST twice gives the same checkout.

    `invoice_ids` says what the money is for; empty means all that is claimable in the currency.
    `keeps_card` has the gateway keep the card for the customer's subscriptions. `nonce` is the
    form's own: made when the page was rendered, sent back with the POST. `mandate`
    is the key of the one that was given with it. `discount` is written off once `amount` is paid,
    though its last day should pass meanwhile. A live checkout of another amount, or of an older
    ledger, is expired at the gateway first.

    Call it outside of a transaction. Raises `CheckoutRefused`; `GatewayUnavailable`, after which
    the same POST may be made again; and `GatewayRefused`, after which staff have to act first.
    """
    wish = _Wish(customer_id, case_id, amount, tuple(sorted(set(invoice_ids))), nonce, discount)
    with database.write() as session:
        mine = _intend(session, wish, gateway.name, now)
        older = [] if mine.session_id else _giving_way(session, wish, gateway.name)
    if mine.state == CheckoutState.PAID or mine.session_id is not None:
        return _given(mine)
    for row in older:
        _expire_older(database, gateway, row, mine.id, now)
    request = CheckoutRequest(
        key=mine.key,
        amount=amount,
        description=description,
        return_url=return_url,
        customer_ref=derive("customer", customer_id),
        expires_at=mine.expires_at,
        keeps_card=keeps_card,
        language=language,
        cancel_url=cancel_url,
        ids=_ids(mine),
        payee=payee,
        mandate=mandate,
    )
    return _write_down(database, mine.id, gateway.open(request))


def _ids(mine: Row[Any]) -> dict[str, int]:
    named = {"checkout": mine.id, "customer": mine.customer_id, "case": mine.case_id}
    return {name: id_ for name, id_ in named.items() if id_ is not None}


def _intend(session: Session, wish: _Wish, gateway: str, now: datetime) -> Row[Any]:
    """The row of this form: the one it made before, or a new one that is now the live one."""
    ledger_revision = _lock_customer(session, wish.customer_id)
    key = wish.key(ledger_revision)
    found = one_where(session, _CHECKOUT.c.key == key)
    if found is not None:
        return _usable(found, now)
    _ensure_none_is_arriving(session, wish, now)
    chosen = _claimable(session, wish)
    session.connection().execute(
        update(_CHECKOUT)
        .where(_of(wish), _CHECKOUT.c.state == CheckoutState.OPEN)
        .values(state=CheckoutState.EXPIRING)
    )
    intent = {
        "key": key,
        "customer_id": wish.customer_id,
        "case_id": wish.case_id,
        "currency": wish.amount.currency,
        "amount_minor": wish.amount.minor,
        "ledger_revision": ledger_revision,
        "gateway": gateway,
        # Always by name: money that is not for an invoice would settle the oldest, disputed or not.
        "invoice_ids": [invoice.id for invoice in chosen],
        "created_at": now,
        "expires_at": now + LIFETIME,
        "discount_minor": wish.discount.minor if wish.discount else None,
    }
    (made,) = insert_returning_ids(session, rows.Checkout, [intent])
    return the(session, made)


def _ensure_none_is_arriving(session: Session, wish: _Wish, now: datetime) -> None:
    """A debit of which no bank says anything for so long holds nobody up any more. A kept card that
    is being charged is as good as paid, until its gateway has said what came of it."""
    pending = and_(
        _of(wish),
        or_(
            _CHECKOUT.c.state == CheckoutState.PENDING,
            and_(_CHECKOUT.c.state == CheckoutState.OPEN, _CHECKOUT.c.mandate_id.is_not(None)),
        ),
        _CHECKOUT.c.created_at > now - BANKS_TAKE,
    )
    if session.connection().execute(select(_CHECKOUT.c.id).where(pending)).first() is not None:
        raise CheckoutRefused(
            CheckoutProblem.PAYMENT_ARRIVING,
            f"customer {wish.customer_id} has paid and the bank has not confirmed it yet",
        )


def _giving_way(session: Session, wish: _Wish, gateway: str) -> list[Row[Any]]:
    """What this gateway has to expire before it opens another page. One that runs at another
    gateway cannot be asked from here: tidy tells that one."""
    query = select(_CHECKOUT).where(
        _of(wish), _CHECKOUT.c.state == CheckoutState.EXPIRING, _CHECKOUT.c.gateway == gateway
    )
    return list(session.connection().execute(query))


def _of(wish: _Wish) -> ColumnElement[bool]:
    return and_(
        _CHECKOUT.c.customer_id == wish.customer_id,
        _CHECKOUT.c.currency == wish.amount.currency,
    )


def _lock_customer(session: Session, customer_id: int) -> int:
    """Locks the customer's guard and answers the revision that the ledger then has."""
    person = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id == customer_id)
    lock_persons(session, session.connection().execute(person).scalars())
    query = select(_CUSTOMER.c.ledger_revision).where(_CUSTOMER.c.id == customer_id)
    return int(session.connection().execute(query).scalar_one())


def _usable(found: Row[Any], now: datetime) -> Row[Any]:
    if found.state == CheckoutState.PAID:
        return found
    left = timedelta(0) if found.session_id else SHORTEST_LIFE
    if found.state != CheckoutState.OPEN or found.expires_at - left <= now:
        raise CheckoutRefused(
            CheckoutProblem.FORM_USED,
            f"checkout {found.id} of this form is over ({found.state}): load the page again",
        )
    return found


def _claimable(session: Session, wish: _Wish) -> list[ClaimableInvoice]:
    """The invoices that the money is for. Raises `CheckoutRefused`."""
    amount = wish.amount
    if amount.minor <= 0:
        raise CheckoutRefused(
            CheckoutProblem.AMOUNT_NOT_POSITIVE, f"{amount} is nothing that can be paid"
        )
    open_now = claimable(session, wish.customer_id, amount.currency)
    if not open_now:
        raise CheckoutRefused(
            CheckoutProblem.NOTHING_OPEN,
            f"customer {wish.customer_id} owes nothing undisputed in {amount.currency}",
        )
    unknown = set(wish.invoice_ids) - {invoice.id for invoice in open_now}
    if unknown:
        raise CheckoutRefused(
            CheckoutProblem.INVOICE_NOT_OPEN,
            f"invoices {sorted(unknown)} are not open and undisputed in {amount.currency}: load"
            " the page again",
        )
    chosen = [i for i in open_now if not wish.invoice_ids or i.id in wish.invoice_ids]
    if amount.minor > total_of(chosen):
        raise CheckoutRefused(
            CheckoutProblem.MORE_THAN_OPEN,
            f"{amount} is more than the {Money(total_of(chosen), amount.currency)} that is open",
        )
    return chosen


def _expire_older(
    database: Database, gateway: Gateway, older: Row[Any], mine_id: int, now: datetime
) -> None:
    try:
        expire_at(gateway, older.session_id)
    except SessionPaid as paid:
        with database.write() as session:
            end(session, mine_id, CheckoutState.EXPIRED, now)
        raise CheckoutRefused(
            CheckoutProblem.PAYMENT_ARRIVING,
            f"checkout {older.id} was paid a moment ago; its callback is on the way",
        ) from paid
    with database.write() as session:
        end(session, older.id, CheckoutState.EXPIRED, now)


def _write_down(database: Database, mine_id: int, opened: GatewaySession) -> Checkout:
    with database.write() as session:
        lock_person_of(session, mine_id)
        mine = the(session, mine_id)
        gave_way = mine.state in (CheckoutState.EXPIRING, CheckoutState.EXPIRED)
        session.connection().execute(
            update(_CHECKOUT)
            .where(_CHECKOUT.c.id == mine_id)
            .values(
                session_id=opened.session_id,
                url=opened.url,
                # Expired while the gateway was opening it: now there is something to expire.
                state=CheckoutState.EXPIRING if gave_way else mine.state,
            )
        )
        written = the(session, mine_id)
    if gave_way:
        raise CheckoutRefused(
            CheckoutProblem.FORM_USED, f"checkout {mine_id} gave way to a newer one"
        )
    return _given(written)


def _given(row: Row[Any]) -> Checkout:
    state = CheckoutState(row.state)
    return Checkout(row.id, state, row.url if state is CheckoutState.OPEN else None)
