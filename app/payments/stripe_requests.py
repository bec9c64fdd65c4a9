"""What Stripe is asked: pages to pay on, pages that keep a card, and charges of a kept one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.payments.charging import ChargeRequest, KeepRequest
from app.payments.gateway import CheckoutRequest
from app.payments.stripe_events import CHARGE, KEEPS_CARD, KEY, MANDATE
from app.payments.stripe_money import to_stripe

SPOKEN: Final = frozenset(
    "bg cs da de el en es et fi fr hr hu id it ja ko lt lv ms nb nl pl pt ro ru sk sl sv th tr vi"
    " zh".split()
)
"""Languages of Stripe's pages. Hebrew and Arabic are none: there the payer's browser decides."""

_CARDS_ALONE: Final[dict[str, Any]] = {"allowed_payment_method_types": ["card"]}
"""https://docs.stripe.com/changelog/endive/2026-09-30: `payment_method_types` is no parameter any
more. Nothing else than a card is agreed to, nor leads to a page while nobody is there."""


def stripe_language(language: str) -> str:
    """The language of Stripe's page for one who reads this one."""
    spoken = language.partition("-")[0]
    return spoken if spoken in SPOKEN else "auto"


def session_of(request: CheckoutRequest) -> dict[str, Any]:
    """A Checkout Session in payment mode."""
    units, currency = to_stripe(request.amount)
    keeps_card = bool(request.keeps_card or request.mandate)
    kept = {KEEPS_CARD: "1"} if request.keeps_card else {}
    given = {MANDATE: request.mandate} if request.mandate else {}
    metadata = {KEY: request.key, **_ids(request.ids), **kept, **given}
    price = {
        "currency": currency,
        "unit_amount": units,
        "product_data": {"name": request.description},
    }
    payment: dict[str, Any] = {"metadata": metadata}
    if keeps_card:
        payment["setup_future_usage"] = "off_session"
    return {
        "mode": "payment",
        "client_reference_id": request.customer_ref,
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": request.return_url,
        "cancel_url": request.cancel_url or request.return_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": stripe_language(request.language),
        "metadata": metadata,
        "payment_intent_data": payment,
        **({"customer_creation": "always"} if keeps_card else {}),
        **(_CARDS_ALONE if request.mandate else {}),
    }


def keeping_of(request: KeepRequest) -> dict[str, Any]:
    """A Checkout Session in setup mode. The event of its setup tells the card, so it is named."""
    metadata = {MANDATE: request.key, **_ids(request.ids)}
    return {
        "mode": "setup",
        **_CARDS_ALONE,
        "customer_creation": "always",
        "client_reference_id": request.customer_ref,
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": stripe_language(request.language),
        "metadata": metadata,
        "setup_intent_data": {"metadata": metadata},
    }


def intent_of(request: ChargeRequest) -> dict[str, Any]:
    """A payment that is confirmed at once, off-session: whoever would have to confirm it is away,
    so Stripe declines what needs that."""
    units, currency = to_stripe(request.amount)
    return {
        "amount": units,
        "currency": currency,
        "customer": request.card.customer_ref,
        "payment_method": request.card.method_ref,
        **_CARDS_ALONE,
        "description": request.description,
        "confirm": True,
        "off_session": True,
        "metadata": {CHARGE: request.key, **_ids(request.ids)},
    }


def _ids(ids: Mapping[str, int]) -> dict[str, str]:
    return {f"duly_{name}": str(id_) for name, id_ in ids.items()}
