"""The seam to whoever takes the money: sessions are opened and expired, signed callbacks are heard.

    GatewayError
    ├── GatewayUnavailable     no answer, or not now: the same request may be made again
    ├── GatewayRefused         it answered no: a key, a currency, an amount. Staff have to act
    ├── UnknownSession         the gateway never opened it
    ├── CardGone               the card that it is asked to charge is not there any more
    ├── SessionOver            it takes no payment any more
    │   ├── SessionPaid        because it was paid: nothing else may be opened beside it
    │   └── SessionClosed      because it was declined or has expired
    └── CallbackError
        ├── ForgedCallback     the signature is missing, wrong or stale: refused before storing
        └── UnreadableCallback signed rightly, but it says nothing that this version can read

Only a verified callback says that money came in. The page that the payer returns to says nothing.
A gateway knows no customer, no case and no database; it must not retry, and must not keep a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeAlias, runtime_checkable

from app.payments.charging import ChargeRequest, KeepRequest, KeptCard
from campaigns.debits import Declined
from campaigns.money import Money

FRESH_FOR: Final = timedelta(seconds=300)
"""How far a callback's timestamp may be from `now`, either way (contact rules, PAY-TRUTH)."""


class GatewayError(Exception):
    """Something went wrong between us and a gateway."""


class GatewayUnavailable(GatewayError):
    """The gateway did not answer. The same request, with the same key, may be made again."""


class GatewayRefused(GatewayError):
    """The gateway does not take the request as it is. The sentence is for staff."""


class UnknownSession(GatewayError):
    """The gateway has no session of this id."""


class CardGone(GatewayError):
    """The gateway keeps no such card any more: nothing was taken, and nothing will be."""


class SessionOver(GatewayError):
    """The session takes no payment any more."""


class SessionPaid(SessionOver):
    """The session was paid; its callback is on the way if it is not here."""


class SessionClosed(SessionOver):
    """The session was declined or has expired."""


class CallbackError(GatewayError):
    """A callback that cannot be taken as it is."""


class ForgedCallback(CallbackError):
    """The signature on the raw body is missing, wrong or stale."""


class UnreadableCallback(CallbackError):
    """The signature is right, but the body is not what the gateway documents."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid: the creditor by its own id, and its own pay page where it has one."""

    creditor: str
    pay_address: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What the payer is asked for. `key` is derived: the same key opens one session, ever.

    `customer_ref` and `description` go to the gateway and to the payer's bank statement: no name,
    no address, no word of a debt. `expires_at` is an aware UTC instant. `keeps_card` asks the page
    to keep the card for the next charges of this customer; the payer sees that there and agrees.
    `ids` are numbers of ours that may be found again at the gateway, never a person's own data.
    `language` is the one that the payer reads; `cancel_url` is for one who turns back. `mandate` is
    the key of the one that the payer gave with this form: the card is kept for it, and told so.
    """

    key: str
    amount: Money
    description: str
    return_url: str
    customer_ref: str
    expires_at: datetime
    keeps_card: bool = False
    language: str = "en"
    cancel_url: str = ""
    ids: Mapping[str, int] = field(default_factory=dict)
    payee: Payee | None = None
    mandate: str = ""


@dataclass(frozen=True, slots=True)
class GatewaySession:
    """A page at the gateway. The URL is for the payer at once, never for a message."""

    session_id: str
    url: str


class ReversalKind(StrEnum):
    """Why money went back. The ledger has the same words."""

    REFUND = "refund"
    CHARGEBACK = "chargeback"
    RETURNED_DEBIT = "returned_debit"


@dataclass(frozen=True, slots=True)
class CheckoutPaid:
    """`amount` came in for a session. `payment_ref` is unique at its gateway.

    `checkout_key` is the request's key, where the gateway carries it back. `card_kept` says that
    the gateway keeps the card, and will charge it next time; no card number ever comes here.
    """

    session_id: str
    amount: Money
    payment_ref: str
    at: datetime
    checkout_key: str | None = None
    card_kept: bool = False


@dataclass(frozen=True, slots=True)
class CheckoutDeclined:
    """The payer tried and was declined, for good: the session takes no payment any more.

    A gateway whose payer may try again in the same session tells this only when the session ends.
    Of a kept card it says what that means for the next try, and the gateway's own `code`.
    """

    session_id: str
    at: datetime
    checkout_key: str | None = None
    declined: Declined | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutPending:
    """The payer did what there is to do, and the bank takes its time: a debit, a transfer.

    The session cannot be expired any more; it ends as paid or declined, days later perhaps.
    """

    session_id: str
    at: datetime
    checkout_key: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutExpired:
    """The session ended unpaid."""

    session_id: str
    at: datetime
    checkout_key: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """`amount` of a payment went back. It may go back in parts, each with a ref of its own."""

    payment_ref: str
    reversal_ref: str
    kind: ReversalKind
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentContested:
    """The payer's bank asks about a payment. No money has moved yet; staff have to answer."""

    payment_ref: str
    contest_ref: str
    at: datetime
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReversalUndone:
    """What had gone back is here again: a dispute that was won, a refund that failed."""

    payment_ref: str
    reversal_ref: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class CardKept:
    """The gateway keeps a card for the mandate of this key. It may say so more than once, with more
    of the card each time."""

    mandate_key: str
    card: KeptCard
    at: datetime


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """Verified, and of no concern here. `kind` is the gateway's own word for it."""

    kind: str
    at: datetime


GatewayEvent: TypeAlias = (
    CheckoutPaid
    | CheckoutPending
    | CheckoutDeclined
    | CheckoutExpired
    | PaymentReversed
    | PaymentContested
    | ReversalUndone
    | CardKept
    | OtherEvent
)


@runtime_checkable
class Gateway(Protocol):
    """One provider of payment pages. The contract suite in the tests holds each to these promises.

    Methods block; the web calls them off its event loop, and never inside a transaction.
    """

    @property
    def name(self) -> str:
        """Stable: it is stored beside every checkout and is part of each payment's key."""
        ...

    def open(self, request: CheckoutRequest) -> GatewaySession:
        """Opens a session, or answers the one that this key opened before.

        Raises `GatewayUnavailable` when it is not known whether it was opened, and
        `GatewayRefused` when it was not and will not be.
        """
        ...

    def expire(self, session_id: str) -> None:
        """Has the session take no payment. Twice is fine.

        Raises `SessionPaid` when it was paid, `UnknownSession`, and `GatewayUnavailable`.
        """
        ...

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """What a callback says. Header names are in any case; `now` is when it was received.

        Raises `ForgedCallback` unless the signature on the raw body is right and at most
        `FRESH_FOR` away from `now`, and `UnreadableCallback` for a signed body that it cannot read.
        """
        ...


@runtime_checkable
class Charging(Protocol):
    """A gateway that keeps cards and charges them while nobody is at a page. One without these two
    members cannot, and no page offers it there."""

    def keep_card(self, request: KeepRequest) -> GatewaySession:
        """Opens a page that keeps a card and takes nothing. Raises as `Gateway.open` does."""
        ...

    def charge(self, request: ChargeRequest) -> str:
        """Asks for the money and answers the id under which callbacks tell what came of it: paid,
        declined or pending. The answer itself says nothing of that.

        The same key charges once, ever, for as long as the gateway keeps keys: see `ASKED_FOR`.
        Raises `GatewayUnavailable` when it is not known whether it was asked, and `GatewayRefused`
        and `CardGone` when this request took nothing.
        """
        ...


ASKED_FOR: Final = timedelta(hours=20)
"""How long the same charge may be asked for again. Stripe keeps an idempotency key for 24 hours;
after that the same request would charge anew."""


@runtime_checkable
class Examined(Protocol):
    """A gateway that can be asked whether it is set up rightly."""

    def examine(self, callback_url: str) -> str:
        """A sentence about a gateway that is well. Raises `GatewayError` with what is amiss.

        `callback_url` is where our own intake takes its callbacks.
        """
        ...
