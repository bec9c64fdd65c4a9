"""Stripe Checkout: hosted pages, signed events. Builds requests with Stripe's own SDK.

The SDK's retries and its telemetry are off, and its HTTP goes through our bounded `Line`. It is a
large import, so nothing but the composition root imports this module, where Stripe is chosen.
Signatures are checked by `signature`, which is Stripe's published scheme: the SDK's own check reads
the clock and lets a stamp of the future pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import stripe

from app.payments.gateway import (
    CheckoutRequest,
    GatewayEvent,
    GatewayRefused,
    GatewaySession,
    GatewayUnavailable,
    SessionPaid,
    UnknownSession,
)
from app.payments.line import Line, LineBroken
from app.payments.signature import ensure_signed
from app.payments.stripe_events import INTERPRETED, KEEPS_CARD, KEY, read_event
from app.payments.stripe_money import to_stripe
from campaigns.keys import derive

NAME: Final = "stripe"
HEADER: Final = "Stripe-Signature"
ADDRESS: Final = "https://api.stripe.com"
SPOKEN: Final = frozenset(
    "bg cs da de el en es et fi fr hr hu id it ja ko lt lv ms nb nl pl pt ro ru sk sl sv th tr vi"
    " zh".split()
)
"""Languages of Stripe's pages. Hebrew and Arabic are none: there the payer's browser decides."""

_TRIES: Final = 3
"""Stripe repeats a 5xx to whoever repeats the key, for 24 hours: after that a key of its own. What
may have been opened under the first one cannot be paid, because nobody was told its address."""

_T = TypeVar("_T")


class StripeGateway:
    """Keeps the contract of `Gateway`. `address` is where the API is: a local server may play it.

    The key tells test mode from live: `sk_test_…`, `rk_test_…` against `sk_live_…`, `rk_live_…`.
    """

    name = NAME

    def __init__(self, key: str, *, secret: str, address: str = ADDRESS, line: Line | None = None):
        self._line = line or Line()
        self._secret = secret
        self.is_live = "_live_" in key
        self._client = stripe.StripeClient(
            key,
            http_client=_Wire(self._line),
            base_addresses={"api": address.rstrip("/")},
            max_network_retries=0,
        )

    def open(self, request: CheckoutRequest) -> GatewaySession:
        """The session of this key: the first request decides, later ones only find it."""
        told = _session_of(request)
        for nth in range(_TRIES):
            key = request.key if not nth else derive("stripe", request.key, nth)
            try:
                opened = self._open(told, key)
            except _Spent:
                continue
            if not opened.url:
                raise GatewayUnavailable("Stripe opened a session without an address")
            return GatewaySession(opened.id, opened.url)
        raise GatewayUnavailable("Stripe fails at this request again and again")

    def expire(self, session_id: str) -> None:
        try:
            _asking(lambda: self._client.v1.checkout.sessions.expire(session_id))
        except _NotNow:
            self._ensure_over(session_id)

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        found = {name.lower(): value for name, value in headers.items()}
        ensure_signed(body, found.get(HEADER.lower(), ""), secret=self._secret, now=now)
        return read_event(body, livemode=self.is_live)

    def examine(self, callback_url: str) -> str:
        """Whether Stripe knows the key and sends what we have to hear to our address."""
        listed = _asking(lambda: self._client.v1.webhook_endpoints.list({"limit": 100}))
        mode = "live" if self.is_live else "test mode, no real money"
        ours = [each for each in listed.data if each.url == callback_url]
        if not any(each.status == "enabled" for each in ours):
            raise GatewayRefused(
                f"Stripe ({mode}) calls no enabled webhook at {callback_url}: add the endpoint"
            )
        heard = {kind for each in ours for kind in each.enabled_events}
        deaf = [] if "*" in heard else sorted(set(INTERPRETED) - heard)
        if deaf:
            raise GatewayRefused(f"the webhook at Stripe does not send {', '.join(deaf)}: add them")
        return f"Stripe answers ({mode}) and calls {callback_url}"

    def close(self) -> None:
        """Gives the connections back; twice is fine."""
        self._line.close()

    def _open(self, told: dict[str, Any], key: str) -> stripe.checkout.Session:
        return _asking(
            lambda: self._client.v1.checkout.sessions.create(
                told,  # type: ignore[arg-type]  # the SDK's shape of one large TypedDict
                options={"idempotency_key": key},
            )
        )

    def _ensure_over(self, session_id: str) -> None:
        """Stripe expires none but open sessions, and does not say which of the others it is."""
        found = _asking(lambda: self._client.v1.checkout.sessions.retrieve(session_id))
        if found.status == "complete":
            raise SessionPaid(f"session {session_id} was paid; wait for its event")
        if found.status != "expired":
            raise GatewayUnavailable(f"Stripe did not expire session {session_id}")


class _NotNow(GatewayRefused):
    """Stripe understands the request and cannot do it in this state."""


class _Spent(GatewayUnavailable):
    """This idempotency key has an error for an answer, and will have it until tomorrow."""


class _Broken(stripe.APIConnectionError):
    """The line broke; whether Stripe did what it was asked is not known."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)  # type: ignore[no-untyped-call]  # the SDK's own


class _Wire(stripe.HTTPClient):
    """Carries what the SDK built over our line."""

    name = "duly"

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def request(  # type: ignore[override]  # bytes, as the SDK's own clients answer too
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **_: Any,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        kept = {k: v for k, v in (headers or {}).items() if not k.startswith("X-Stripe-Client")}
        body = post_data.encode() if isinstance(post_data, str) else post_data
        try:
            answer = self._line.send(method.upper(), url, kept, body)
        except LineBroken as broken:
            raise _Broken(str(broken)) from broken
        return answer.body, answer.status, {k.lower(): v for k, v in answer.headers.items()}

    def close(self) -> None:
        """The line is closed by whoever made it."""


def stripe_language(language: str) -> str:
    """The language of Stripe's page for one who reads this one."""
    spoken = language.partition("-")[0]
    return spoken if spoken in SPOKEN else "auto"


def _session_of(request: CheckoutRequest) -> dict[str, Any]:
    units, currency = to_stripe(request.amount)
    kept = {KEEPS_CARD: "1"} if request.keeps_card else {}
    ids = {f"duly_{name}": str(id_) for name, id_ in request.ids.items()}
    metadata = {KEY: request.key, **ids, **kept}
    price = {
        "currency": currency,
        "unit_amount": units,
        "product_data": {"name": request.description},
    }
    payment: dict[str, Any] = {"metadata": metadata}
    if request.keeps_card:
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
        **({"customer_creation": "always"} if request.keeps_card else {}),
    }


def _asking(ask: Callable[[], _T]) -> _T:
    """What Stripe answers, in our words for what goes wrong."""
    try:
        return ask()
    except stripe.RateLimitError as problem:
        raise GatewayUnavailable("Stripe asks us to slow down") from problem
    except (stripe.AuthenticationError, stripe.PermissionError) as problem:
        raise GatewayRefused(
            "Stripe does not take DULY_STRIPE_KEY: give one that is in force and may make Checkout"
            " Sessions"
        ) from problem
    except stripe.IdempotencyError as problem:
        raise _Spent("this key opened a session of another shape") from problem
    except stripe.InvalidRequestError as problem:
        raise _refusal(problem) from problem
    except stripe.StripeError as problem:
        raise _silence(problem) from problem
    except (ValueError, TypeError, AttributeError, KeyError) as problem:
        raise GatewayUnavailable("Stripe answered what is no answer of it") from problem


def _refusal(problem: stripe.InvalidRequestError) -> Exception:
    match problem.http_status, problem.code:
        case (404, _) | (_, "resource_missing"):
            return UnknownSession("Stripe has no such object")
        case 409, _:
            return GatewayUnavailable("the same request is on its way already")
        case _, (None | "checkout_session_not_open"):
            return _NotNow("Stripe cannot do this now")
        case _, code:
            return GatewayRefused(f"Stripe refuses the request ({code})")


def _silence(problem: stripe.StripeError) -> Exception:
    replayed = (problem.headers or {}).get("idempotent-replayed") == "true"
    status = problem.http_status
    if replayed:
        return _Spent(f"Stripe answers this key with {status} until tomorrow")
    return GatewayUnavailable(f"Stripe does not answer ({status or problem.user_message})")
