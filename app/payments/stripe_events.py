"""What each of Stripe's events says to us: one table, complete for all that Stripe can send.

An event is read by its object alone, in the shapes of any API version since 2017: a webhook keeps
the version that it was made with. Nothing is fetched: what an event does not say is not known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from app.payments.charging import KeptCard
from app.payments.gateway import (
    CardKept,
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    CheckoutPending,
    GatewayEvent,
    GatewayRefused,
    OtherEvent,
    PaymentContested,
    PaymentReversed,
    ReversalKind,
    ReversalUndone,
    UnreadableCallback,
)
from app.payments.stripe_declines import declined_by
from app.payments.stripe_money import from_stripe
from campaigns.debits import Declined

KEY: Final = "duly_key"
KEEPS_CARD: Final = "duly_keeps_card"
"""Metadata of our sessions: the key of the checkout, and whether the card is kept."""

CHARGE: Final = "duly_charge_key"
MANDATE: Final = "duly_mandate_key"
"""Metadata of the key of a charge of a kept card, and of the mandate that a card is kept for."""

_Object = Mapping[str, Any]
_Reading = Callable[[_Object, datetime], GatewayEvent | None]


def read_event(body: bytes, *, livemode: bool) -> GatewayEvent:
    """What a verified body says. Raises `UnreadableCallback`, also for an event of the other mode:
    play money must never settle a real debt."""
    try:
        told = json.loads(body)
        kind, at = told["type"], datetime.fromtimestamp(told["created"], UTC)
        if not isinstance(kind, str) or bool(told.get("livemode")) is not livemode:
            raise TypeError("a type is a word, and the mode is that of our key")
        reading = INTERPRETED.get(kind)
        said = reading(told["data"]["object"], at) if reading else None
    except (
        ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError,
        GatewayRefused,
    ) as wrong:  # fmt: skip
        raise UnreadableCallback(
            f"Stripe signed a body that is no event of it ({type(wrong).__name__})"
        ) from wrong
    return said or OtherEvent(kind, at)


def _session_completed(told: _Object, at: datetime) -> GatewayEvent | None:
    if told.get("mode") == "setup":
        return None  # the setup's own event names the card
    if told["payment_status"] == "paid":
        return _paid(told, at)
    return CheckoutPending(told["id"], at, _key(told))


def _paid(told: _Object, at: datetime) -> GatewayEvent:
    amount = from_stripe(told["amount_total"], told["currency"])
    payment_ref, kept = _id(told["payment_intent"]), KEEPS_CARD in _metadata(told)
    return CheckoutPaid(told["id"], amount, payment_ref, at, _key(told), kept)


def _session_failed(told: _Object, at: datetime) -> GatewayEvent:
    return CheckoutDeclined(told["id"], at, _key(told))


def _session_expired(told: _Object, at: datetime) -> GatewayEvent | None:
    if told.get("mode") == "setup":
        return None
    return CheckoutExpired(told["id"], at, _key(told))


def _ours(reading: _Reading) -> _Reading:
    """Only for sessions that carry our key: the account may have other shops."""
    return lambda told, at: reading(told, at) if _key(told) else None


def _refund(told: _Object, at: datetime) -> GatewayEvent | None:
    """A refund that waits for its bank is money gone; one that fails is money that came back."""
    if not told.get("payment_intent"):
        return None  # of a charge that no checkout of ours made
    payment, amount = _id(told["payment_intent"]), from_stripe(told["amount"], told["currency"])
    match told.get("status"):
        case "succeeded" | "pending" | None:
            return PaymentReversed(payment, told["id"], ReversalKind.REFUND, amount, at)
        case "failed" | "canceled":
            return ReversalUndone(payment, told["id"], amount, at)
        case _:
            return None  # it waits for the payer, who has to say where the money shall go


def _contested(told: _Object, at: datetime) -> GatewayEvent | None:
    if not told.get("payment_intent"):
        return None
    due = (told.get("evidence_details") or {}).get("due_by")
    by = datetime.fromtimestamp(due, UTC) if due else None
    return PaymentContested(_id(told["payment_intent"]), told["id"], at, by)


def _withdrawn(told: _Object, at: datetime) -> GatewayEvent | None:
    if not told.get("payment_intent"):
        return None
    amount = from_stripe(told["amount"], told["currency"])
    payment = _id(told["payment_intent"])
    return PaymentReversed(payment, told["id"], ReversalKind.CHARGEBACK, amount, at)


def _reinstated(told: _Object, at: datetime) -> GatewayEvent | None:
    if not told.get("payment_intent"):
        return None
    amount = from_stripe(told["amount"], told["currency"])
    return ReversalUndone(_id(told["payment_intent"]), told["id"], amount, at)


def _taken(told: _Object, at: datetime) -> GatewayEvent | None:
    """A charge of a kept card. What was paid on a page is told by its session, and here only which
    card is kept for the mandate that was given with it."""
    charge = _metadata(told).get(CHARGE)
    if charge is None:
        return _kept(told, at)
    amount = from_stripe(told["amount_received"], told["currency"])
    return CheckoutPaid(told["id"], amount, told["id"], at, charge)


def _kept(told: _Object, at: datetime) -> GatewayEvent | None:
    """By an intent, or by a charge: only the latter shows something of the card."""
    mandate = _metadata(told).get(MANDATE)
    if mandate is None or not told.get("customer") or not told.get("payment_method"):
        return None
    details = told.get("payment_method_details") or {}
    shown = details.get("card") or {}
    refs = _id(told["customer"]), _id(told["payment_method"])
    return CardKept(mandate, KeptCard(*refs, shown.get("brand"), shown.get("last4")), at)


def _not_taken(told: _Object, at: datetime) -> GatewayEvent:
    error = told.get("last_payment_error") or {}
    code = error.get("decline_code") or error.get("code") or "unknown"
    declined = declined_by(code, error.get("advice_code"))
    return CheckoutDeclined(told["id"], at, _metadata(told)[CHARGE], declined, code)


def _to_confirm(told: _Object, at: datetime) -> GatewayEvent:
    """Nobody is at a page to confirm it, so this try is over; the next one is made on the page."""
    code = "authentication_required"
    return CheckoutDeclined(told["id"], at, _metadata(told)[CHARGE], Declined.CONFIRM, code)


def _on_its_way(told: _Object, at: datetime) -> GatewayEvent:
    return CheckoutPending(told["id"], at, _metadata(told)[CHARGE])


def _called_off(told: _Object, at: datetime) -> GatewayEvent:
    return CheckoutExpired(told["id"], at, _metadata(told)[CHARGE])


def _our_charge(reading: _Reading) -> _Reading:
    """Only for charges of kept cards: of a page, the session's own events tell."""
    return lambda told, at: reading(told, at) if _metadata(told).get(CHARGE) else None


INTERPRETED: Final[Mapping[str, _Reading]] = {
    "checkout.session.completed": _ours(_session_completed),
    "checkout.session.async_payment_succeeded": _ours(_paid),
    "checkout.session.async_payment_failed": _ours(_session_failed),
    "checkout.session.expired": _ours(_session_expired),
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
    "charge.dispute.created": _contested,
    "charge.dispute.funds_withdrawn": _withdrawn,
    "charge.dispute.funds_reinstated": _reinstated,
    "payment_intent.succeeded": _taken,
    "payment_intent.payment_failed": _our_charge(_not_taken),
    "payment_intent.processing": _our_charge(_on_its_way),
    "payment_intent.requires_action": _our_charge(_to_confirm),
    "payment_intent.canceled": _our_charge(_called_off),
    "setup_intent.succeeded": _kept,
    "charge.succeeded": _kept,
}

IGNORED: Final[Mapping[str, str]] = {
    "payment_intent.": "a step inside of a session, or of a charge, that is still open",
    "charge.refunded": "sums up refunds, each of which has events and an id of its own",
    "charge.dispute.closed": "the funds' own events say whether money moved",
    "charge.dispute.updated": "evidence came or went; no money moved",
    "charge.": "the session's own event says the same, with our key",
    "setup_intent.": "only a card that is kept matters; whoever gave up may begin again",
    "payment_method.": "a card is asked whether it is good when it is charged",
    "mandate.": "a mandate is asked whether it is good when it is charged",
    "customer.": "who the payer is stands in our own book",
    "invoice": "invoices are the ERP's; Stripe's own are not used",
    "subscription_schedule.": "subscriptions are the ERP's",
    "payment_link.": "links are ours",
    "payout.": "what goes to the bank is the bookkeeping's",
    "balance.": "what goes to the bank is the bookkeeping's",
    "radar.": "a warning moves no money; the dispute that may follow does",
    "review.": "a review moves no money",
}
"""Events of no concern, by their name or by how it begins (the longest counts), and why."""

ELSEWHERE: Final = "a product of Stripe's that we do not use"
"""Why the families below say nothing."""

UNUSED: Final = frozenset(
    "account application_fee billing_portal capability cash_balance coupon credit_note"
    " customer_cash_balance_transaction file financial_connections identity issuing_authorization"
    " issuing_card issuing_cardholder issuing_dispute issuing_transaction order person plan price"
    " product promotion_code quote recipient reporting sigma sku source tax tax_rate terminal"
    " test_helpers topup transfer treasury".split()
)
"""The first words of events of other products."""


def reason_to_ignore(kind: str) -> str | None:
    """Why an event of this type changes nothing; None where it does, or where nobody has thought
    of it yet."""
    if kind in INTERPRETED:
        return None
    begins = [name for name in IGNORED if kind == name or _is_family(name, kind)]
    if begins:
        return IGNORED[max(begins, key=len)]
    return ELSEWHERE if kind.partition(".")[0] in UNUSED else None


def _is_family(name: str, kind: str) -> bool:
    return kind.startswith(name) and (name.endswith(".") or "." not in name)


def _id(reference: Any) -> str:
    """An id, also where the webhook was told to expand it."""
    found = reference["id"] if isinstance(reference, Mapping) else reference
    if not isinstance(found, str) or not found:
        raise ValueError("an id of Stripe is a word")
    return found


def _metadata(told: _Object) -> Mapping[str, Any]:
    return told.get("metadata") or {}


def _key(told: _Object) -> str | None:
    return _metadata(told).get(KEY)
