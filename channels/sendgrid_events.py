"""What SendGrid tells of the mails that it took: events, signed, as receipts. Pure.

A call is a JSON array. Opens and clicks are left out: scanners make most of them, and nothing may
depend on one. A re-subscription is no consent and is left out, too; so is what was not sent by us.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from channels.delivery import DeliveryStatus, Receipt
from channels.errors import (
    AccountStopped,
    AddressInvalid,
    AddressOptedOut,
    ContentForbidden,
    RecipientUnreachable,
    RequestMalformed,
    SendError,
    Unlisted,
    provider_code,
)

PROVIDER: Final = "sendgrid"
ATTEMPT: Final = "duly_attempt"
"""The custom argument that carries the attempt's key there and back."""

SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"
# A call that is not taken is repeated for 24 hours; each event lands once however often it comes.
OLDEST: Final = timedelta(hours=25)
AHEAD: Final = timedelta(minutes=10)

_STATUSES: Final[Mapping[str, DeliveryStatus]] = {
    "processed": DeliveryStatus.ACCEPTED,
    "deferred": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "bounce": DeliveryStatus.BOUNCED,
    "dropped": DeliveryStatus.FAILED,
    "spamreport": DeliveryStatus.COMPLAINED,
    "unsubscribe": DeliveryStatus.UNSUBSCRIBED,
    "group_unsubscribe": DeliveryStatus.UNSUBSCRIBED,
}
LEFT_OUT: Final = frozenset({"open", "click", "group_resubscribe", "account_status_change"})

# The reasons of `dropped`, by words of them, the more exact first.
_DROPPED: Final[Sequence[tuple[str, type[SendError], str]]] = (
    ("smtpapi", RequestMalformed, "dropped-smtpapi"),
    ("unsubscribe", AddressOptedOut, "dropped-unsubscribed"),
    ("spam reporting", AddressOptedOut, "dropped-spam-reporting"),
    ("spam", ContentForbidden, "dropped-spam-content"),
    ("quota", AccountStopped, "dropped-quota"),
    ("bounce", AddressInvalid, "dropped-bounced"),
    ("invalid", AddressInvalid, "dropped-invalid"),
)
# The provider's own id of a mail is what stands before the names of the machines it went through.
_REPLY: Final = re.compile(r"\s*([245]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?(?!\d)")
_MACHINES: Final = re.compile(r"\.(?:filter|recvd)")


class UnreadableEvents(ValueError):
    """A genuine call that is not what is published."""


def is_genuine(body: bytes, headers: Mapping[str, str], key: str, now: datetime) -> bool:
    """Whether the signature fits the raw body, and the call is neither older than its repeats can
    be nor from the future. `headers` are in lower case; `key` is the public one, in base64."""
    signature, at = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
    if not (signature and at.isascii() and at.isdecimal() and len(at) < 12):
        return False
    if not -OLDEST <= datetime.fromtimestamp(int(at), UTC) - now <= AHEAD:
        return False
    try:
        signed = base64.b64decode(signature, validate=True)
        # Over bytes: a form with a mail in it is no text, which the provider's library wants.
        _public(key).verify(signed, at.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def receipts_in(body: bytes) -> list[Receipt]:
    """What a call reports, in its order. Raises UnreadableEvents."""
    try:
        events = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableEvents("the call is not JSON") from None
    if not isinstance(events, list):
        raise UnreadableEvents("the call is not a list of events")
    found = (_receipt(event) for event in events)
    return [receipt for receipt in found if receipt is not None]


def _receipt(event: object) -> Receipt | None:
    if not isinstance(event, dict):
        raise UnreadableEvents("an event is not an object")
    status = _STATUSES.get(str(event.get("event")))
    if status is None or ATTEMPT not in event:
        return None
    try:
        return Receipt(
            receipt_id=str(event["sg_event_id"]),
            provider=PROVIDER,
            provider_id=_MACHINES.split(str(event["sg_message_id"]))[0],
            attempt_key=str(event[ATTEMPT]),
            status=status,
            at=datetime.fromtimestamp(int(event["timestamp"]), UTC),
            error=_error_of(event),
        )
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        raise UnreadableEvents("an event lacks its ids or its time") from None


def _error_of(event: Mapping[str, Any]) -> SendError | None:
    match event["event"]:
        case "bounce":
            code = provider_code(event.get("status") or "bounce")
            is_blocked = event.get("type") == "blocked"
            return (RecipientUnreachable if is_blocked else AddressInvalid)(PROVIDER, code)
        case "deferred":
            return RecipientUnreachable(PROVIDER, _reply_code(event.get("response")))
        case "dropped":
            reason = str(event.get("reason", "")).lower()
            for words, kind, name in _DROPPED:
                if words in reason:
                    return kind(PROVIDER, name)
            return Unlisted(PROVIDER, "dropped")
        case _:
            return None


def _reply_code(response: object) -> str:
    """The codes that a mail server's reply begins with, such as `421-4.7.0`; never its words."""
    found = _REPLY.match(str(response or ""))
    return "-".join(part for part in found.groups() if part) if found else "deferred"


@lru_cache(maxsize=8)
def _public(key: str) -> ec.EllipticCurvePublicKey:
    """Raises ValueError for what is no such key."""
    made = load_der_public_key(base64.b64decode(key, validate=True))
    if not isinstance(made, ec.EllipticCurvePublicKey):
        raise ValueError("the key is of another kind")
    return made
