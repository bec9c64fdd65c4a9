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

from app.payments.charging import ChargeRequest, KeepRequest
from app.payments.gateway import (
    CardGone,
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
from app.payments.stripe_events import INTERPRETED, read_event
from app.payments.stripe_requests import intent_of, keeping_of, session_of
from campaigns.keys import derive
from campaigns.worded import worded

NAME: Final = "stripe"
HEADER: Final = "Stripe-Signature"
ADDRESS: Final = "https://api.stripe.com"
_TRIES: Final = 3
"""Stripe repeats a 5xx to whoever repeats the key, for 24 hours: after that a key of its own. What
may have been opened under the first one cannot be paid, because nobody was told its address."""

_T = TypeVar("_T")


class StripeGateway:
    """Keeps the contract of `Gateway` and of `Charging`. `address` is where the API is: a local
    server may play it.

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
        return self._page(session_of(request), request.key)

    def keep_card(self, request: KeepRequest) -> GatewaySession:
        return self._page(keeping_of(request), request.key)

    def charge(self, request: ChargeRequest) -> str:
        """Never under another key: what became of the first would not be known."""
        told = intent_of(request)
        return _asking(lambda: self._charge(told, request.key))

    def _page(self, told: dict[str, Any], wanted: str) -> GatewaySession:
        for nth in range(_TRIES):
            key = wanted if not nth else derive("stripe", wanted, nth)
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
        mode = worded("live") if self.is_live else worded("test mode, no real money")
        ours = [each for each in listed.data if each.url == callback_url]
        if not any(each.status == "enabled" for each in ours):
            raise GatewayRefused(
                worded(
                    "Stripe (%(mode)s) calls no enabled webhook at %(url)s: add the endpoint",
                    mode=mode,
                    url=callback_url,
                )
            )
        heard = {kind for each in ours for kind in each.enabled_events}
        deaf = [] if "*" in heard else sorted(set(INTERPRETED) - heard)
        if deaf:
            raise GatewayRefused(
                worded(
                    "the webhook at Stripe does not send %(events)s: add them",
                    events=", ".join(deaf),
                )
            )
        return worded("Stripe answers (%(mode)s) and calls %(url)s", mode=mode, url=callback_url)

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

    def _charge(self, told: dict[str, Any], key: str) -> str:
        """A card that is declined is an answer too: the event tells it."""
        try:
            made = self._client.v1.payment_intents.create(
                told,  # type: ignore[arg-type]  # as above
                options={"idempotency_key": key},
            )
        except stripe.CardError as declined:
            return _intent_in(declined)
        except stripe.InvalidRequestError as problem:
            if _is_gone(problem):
                raise CardGone("Stripe keeps no such card any more") from problem
            raise
        return made.id

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


def _asking(ask: Callable[[], _T]) -> _T:
    """What Stripe answers, in our words for what goes wrong."""
    try:
        return ask()
    except stripe.RateLimitError as problem:
        raise GatewayUnavailable(worded("Stripe asks us to slow down")) from problem
    except (stripe.AuthenticationError, stripe.PermissionError) as problem:
        raise GatewayRefused(
            worded(
                "Stripe does not take `DULY_STRIPE_KEY`: give one that is in force and may make"
                " Checkout Sessions and Payment Intents"
            )
        ) from problem
    except stripe.IdempotencyError as problem:
        raise _Spent("this key opened a session of another shape") from problem
    except stripe.InvalidRequestError as problem:
        raise _refusal(problem) from problem
    except stripe.StripeError as problem:
        raise _silence(problem) from problem
    except (ValueError, TypeError, AttributeError, KeyError) as problem:
        raise GatewayUnavailable(worded("Stripe answered what is no answer of it")) from problem


def _intent_in(declined: stripe.CardError) -> str:
    """The payment that a decline speaks of."""
    told = declined.json_body
    intent = told["error"]["payment_intent"]["id"] if isinstance(told, Mapping) else None
    if not isinstance(intent, str):
        raise GatewayUnavailable("Stripe declined a payment that it does not name")
    return intent


def _is_gone(problem: stripe.InvalidRequestError) -> bool:
    """Whether Stripe has no such card, or has it no longer with this customer."""
    return problem.code == "resource_missing" and problem.param in ("customer", "payment_method")


def _refusal(problem: stripe.InvalidRequestError) -> Exception:
    match problem.http_status, problem.code:
        case (404, _) | (_, "resource_missing"):
            return UnknownSession(worded("Stripe has no such object"))
        case 409, _:
            return GatewayUnavailable(worded("the same request is on its way already"))
        case _, (None | "checkout_session_not_open"):
            return _NotNow(worded("Stripe cannot do this now"))
        case _, code:
            return GatewayRefused(worded("Stripe refuses the request (%(code)s)", code=code))


def _silence(problem: stripe.StripeError) -> Exception:
    replayed = (problem.headers or {}).get("idempotent-replayed") == "true"
    status = problem.http_status
    if replayed:
        return _Spent(f"Stripe answers this key with {status} until tomorrow")
    why = status or problem.user_message or ""
    return GatewayUnavailable(worded("Stripe does not answer (%(why)s)", why=why))
