"""What Twilio calls us with: whether a call is its own, and what it says.

Its signature covers the address and every field, but no time: a call may be played again, so each
lands once by its message and status. The key of the attempt stands in the address.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from channels.delivery import DeliveryStatus, Receipt
from channels.errors import SendError
from channels.seam import Medium
from channels.twilio_codes import PROVIDER, error_for

SIGNATURE: Final = "x-twilio-signature"
_HASH: Final = "bodySHA256"
_SCHEME: Final = "x-twilio-webhooks-signature-settings"
_WHATSAPP: Final = "whatsapp:"
_STATUSES: Final = {
    "accepted": DeliveryStatus.ACCEPTED,
    "scheduled": DeliveryStatus.ACCEPTED,
    "queued": DeliveryStatus.ACCEPTED,
    "sending": DeliveryStatus.ACCEPTED,
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "partially_delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "undelivered": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}


class _Fields(dict[str, list[str]]):
    """A form whose fields may come several times. The library asks for them by this name first."""

    def getall(self, name: str) -> list[str]:
        return self[name]


class Keyword(StrEnum):
    """What Twilio took a text for and answered itself (`OptOutType` of Advanced Opt-Out)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


class Unreadable(ValueError):
    """A genuine call that says what Twilio does not document."""


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote to `sender`, which is a number of ours or its Messaging Service.
    `handled` is what Twilio took it for and has answered; None leaves that to us."""

    id: str
    medium: Medium
    writer: str = field(repr=False)
    sender: str
    words: str = field(repr=False)
    handled: Keyword | None = None


_KEYWORDS: Final = {keyword.value: keyword for keyword in Keyword}


def is_genuine(token: str, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether whoever knows the auth token sent exactly this to exactly this public address.

    `headers` are named in lower case. Total over everything that a stranger may send.
    """
    fields = _signed_fields(url, body, headers.get("content-type", ""))
    if fields is None:
        return False
    signature = headers.get(SIGNATURE, "")
    if isinstance(fields, _Fields) and _is_signed_plainly(token, url, fields, signature):
        return True
    library = import_module("twilio.request_validator")
    algorithm = library.get_signature_algorithm(headers.get(_SCHEME))
    validator = library.RequestValidator(token)
    return any(validator.validate(each, fields, signature, algorithm) for each in _spellings(url))


def read(url: str, body: bytes, now: datetime) -> Receipt | Text | None:
    """What a genuine call of `now` says; None where it is of no concern. Raises `Unreadable`."""
    form = dict(_pairs(body.decode(errors="replace")))
    sid = form.get("MessageSid") or form.get("SmsSid", "")
    if not sid:
        raise Unreadable("it names no message")
    medium = _medium(form)
    if medium is None:
        return None
    if "MessageStatus" in form:
        return _receipt(url, sid, form, now)
    sender = form.get("MessagingServiceSid") or _number(form.get("To", ""))
    writer, words = _number(form.get("From", "")), form.get("Body", "")
    return Text(sid, medium, writer, sender, words, _KEYWORDS.get(form.get("OptOutType", "")))


def _receipt(url: str, sid: str, form: Mapping[str, str], now: datetime) -> Receipt:
    told = form["MessageStatus"]
    status = _STATUSES.get(told)
    if status is None:
        raise Unreadable(f"it has the status {told[:20]!r}")
    error = _error(form, status)
    if error is not None and error.is_unclear:
        # "It failed, perhaps": that is no leave to send another one.
        status, error = DeliveryStatus.SENT, None
    return Receipt(
        receipt_id=f"{sid}:{told}",
        provider=PROVIDER,
        provider_id=sid,
        attempt_key=parse_qs(url.partition("?")[2]).get("attempt", [None])[0],
        status=status,
        at=now,
        error=error,
    )


def _error(form: Mapping[str, str], status: DeliveryStatus) -> SendError | None:
    if not status.is_failure:
        return None
    code = form.get("ErrorCode", "")
    return error_for(code) if code else None


def _medium(form: Mapping[str, str]) -> Medium | None:
    addresses = form.get("From", ""), form.get("To", "")
    if all(address.startswith(_WHATSAPP) for address in addresses):
        return Medium.WHATSAPP
    return None if any(":" in address for address in addresses) else Medium.SMS


def _number(address: str) -> str:
    return address.removeprefix(_WHATSAPP)


def _is_signed_plainly(token: str, url: str, fields: _Fields, signature: str) -> bool:
    """Whether it is signed by the recipe that Twilio publishes, as nearly all calls are. What is
    not may still fit by a rule of the library, which takes ten times as long."""
    parts = [url]
    for name in sorted(fields):
        values = fields[name]
        for value in values if len(values) == 1 else sorted({*values}):
            parts += (name, value)
    signed = "".join(parts)
    digest = hmac.digest(token.encode(), signed.encode("utf-8", "surrogatepass"), "sha1")
    return hmac.compare_digest(b64encode(digest), signature.encode("utf-8", "surrogatepass"))


def _signed_fields(url: str, body: bytes, content_type: str) -> Any:
    """What the library wants beside the address: fields, or a body that the address has a hash of;
    None where neither is there, so that nothing covers the body."""
    try:
        text = body.decode()
        if _HASH in url and _HASH in parse_qs(urlsplit(url).query):
            return text
        if text and not content_type.startswith("application/x-www-form-urlencoded"):
            return None
        if text and not all("=" in part for part in text.split("&")):
            return None
        fields = _Fields()
        for name, value in _pairs(text):
            fields.setdefault(name, []).append(value)
    except ValueError:
        return None
    return fields


@lru_cache(maxsize=1)
def _pairs(form: str) -> Sequence[tuple[str, str]]:
    """The fields of a form. Whoever is asked whether a call is genuine is asked next what it says,
    and to take it apart is most of the work of both."""
    return parse_qsl(form, keep_blank_values=True)


def _spellings(url: str) -> Iterator[str]:
    """Twilio may have signed an apostrophe as it stands or in its escaped form."""
    yield url
    if "'" in url:
        yield url.replace("'", "%27")
