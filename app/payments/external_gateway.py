"""A creditor's own pay page: a signed address to go to, and a signed call when it is paid.

For countries and banks that no gateway here serves. Duly asks the page nothing: the address says
until when it may be paid, and the creditor's side keeps to that. Each creditor has a secret of its
own, so none can speak for another.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from string import Formatter
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from app.payments.gateway import (
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    CheckoutPending,
    CheckoutRequest,
    ForgedCallback,
    GatewayEvent,
    GatewayRefused,
    GatewaySession,
    OtherEvent,
    PaymentReversed,
    ReversalKind,
    UnreadableCallback,
)
from app.payments.standard_webhooks import ensure_signed, secret_of, signature
from campaigns.keys import derive
from campaigns.money import Money

NAME: Final = "external"
FIELDS: Final = ("reference", "amount", "currency", "language", "expires", "return_url")
"""What the address says, in the order in which it is signed."""


class ExternalGateway:
    """Keeps the contract of `Gateway`, but for `expire`: an address cannot be called back."""

    name = NAME

    def __init__(self, *, secret: str) -> None:
        self._secret = secret.encode()

    def secret_of(self, creditor: str) -> str:
        """The secret that signs to and from this creditor, in the way of Standard Webhooks."""
        return self._secret_of_tag(_tag(creditor))

    def open(self, request: CheckoutRequest) -> GatewaySession:
        """The address of this key. Raises `GatewayRefused` when the creditor has no pay page."""
        payee = request.payee
        if payee is None or not payee.pay_address:
            raise GatewayRefused("the creditor has no pay address: `duly creditor gateway`")
        reference = f"ext_{_tag(payee.creditor)}_{derive('external', request.key)}"
        values = {
            "reference": reference,
            "amount": str(request.amount.decimal),
            "currency": request.amount.currency,
            "language": request.language,
            "expires": str(int(request.expires_at.timestamp())),
            "return_url": request.return_url,
        }
        secret = self.secret_of(payee.creditor)
        return GatewaySession(reference, signed_address(payee.pay_address, values, secret))

    def expire(self, session_id: str) -> None:
        """Nothing to ask anybody. What is paid all the same is posted, and surplus is credit."""

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        told, tag = _content(body)
        found = {name.lower(): value for name, value in headers.items()}
        ensure_signed(body, found, secret=self._secret_of_tag(tag), now=now)
        try:
            return _event(told, tag)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as wrong:
            raise UnreadableCallback(
                f"a creditor signed a body that is no event ({type(wrong).__name__})"
            ) from wrong

    def _secret_of_tag(self, tag: str) -> str:
        return secret_of(hmac.digest(self._secret, f"duly/external/{tag}".encode(), "sha256"))


def signed_address(template: str, values: Mapping[str, str], secret: str) -> str:
    """The template with its places filled, the other values and the signature as parameters."""
    placed = _places(template)
    quoted = {name: quote(values[name], safe="") for name in placed}
    given = {name: values[name] for name in FIELDS if name not in placed}
    canonical = urlencode({name: values[name] for name in FIELDS}).encode()
    given["signature"] = signature(secret, values["reference"], values["expires"], canonical)
    joint = "&" if urlsplit(template).query else "?"
    return f"{template.format(**quoted)}{joint}{urlencode(given)}"


def address_fault(template: str) -> str | None:
    """What is wrong with a pay address; None when it can be used."""
    try:
        parts, strange = urlsplit(template), _places(template) - set(FIELDS)
    except ValueError:
        return "its braces do not pair"
    if parts.scheme != "https" or not parts.hostname or "{" in parts.netloc:
        return "it does not begin with https:// and a host"
    if parts.fragment or strange:
        known = ", ".join(FIELDS)
        return f"it has a fragment, or a place that is none of {known}"
    return None


def _places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _tag(creditor: str) -> str:
    return derive("external creditor", creditor)[:12]


def _content(body: bytes) -> tuple[Mapping[str, Any], str]:
    """What it says, unproven, and whose secret has to prove it."""
    try:
        told = json.loads(body)
        kind, tag, _ = told["data"]["reference"].split("_")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise ForgedCallback("it names no reference, so no secret can prove it") from wrong
    if kind != "ext":
        raise ForgedCallback("its reference is none of ours")
    return told, tag


def _event(told: Mapping[str, Any], tag: str) -> GatewayEvent:
    at, data = datetime.fromisoformat(told["timestamp"]).astimezone(UTC), told["data"]
    reference = data["reference"]
    match told["type"]:
        case "payment.succeeded":
            return CheckoutPaid(reference, _amount(data), _payment(data, tag), at)
        case "payment.pending":
            return CheckoutPending(reference, at)
        case "payment.failed":
            return CheckoutDeclined(reference, at)
        case "payment.expired":
            return CheckoutExpired(reference, at)
        case "payment.reversed":
            kind, reversal = ReversalKind(data["reason"]), _word(data["reversal_id"])
            payment = _payment(data, tag)
            return PaymentReversed(payment, f"{tag}:{reversal}", kind, _amount(data), at)
        case other:
            return OtherEvent(_word(other), at)


def _payment(data: Mapping[str, Any], tag: str) -> str:
    return f"{tag}:{_word(data['payment_id'])}"


def _amount(data: Mapping[str, Any]) -> Money:
    return Money.of(_word(data["amount"]), _word(data["currency"]))


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("it is to be text: a number would lose its decimals")
    return value
