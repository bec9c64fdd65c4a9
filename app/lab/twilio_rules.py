"""What the local Twilio objects to, in the order and by the codes of the published contract.

The numbers +1500555000… are those that Twilio publishes for trying out errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_ADDRESS: Final = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}")
_CALLBACK: Final = re.compile(r"https?://[^/?#_\s]+([/?][^\s]*)?")
TO: Final = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
FROM: Final = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
LONGEST: Final = 1600


def objection(form: Mapping[str, str]) -> int | None:
    """The code that a request for a message is refused with; None where it is fine."""
    return _addresses(form) or _words(form) or _terms(form)


def _addresses(form: Mapping[str, str]) -> int | None:
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        return 21604
    if not _ADDRESS.fullmatch(to):
        return 21211
    if not sender and not form.get("MessagingServiceSid"):
        return 21603
    if sender and to.startswith("whatsapp:") != sender.startswith("whatsapp:"):
        return 30016
    return TO.get(_number(to)) or FROM.get(_number(sender))


def _words(form: Mapping[str, str]) -> int | None:
    if not form.get("Body") and not form.get("ContentSid"):
        return 21602
    return 21617 if len(form.get("Body", "")) > LONGEST else None


def _terms(form: Mapping[str, str]) -> int | None:
    validity, callback = form.get("ValidityPeriod", "1"), form.get("StatusCallback")
    if not validity.isdecimal() or not 1 <= int(validity) <= 36_000:
        return 21624
    if callback is not None and not _CALLBACK.fullmatch(callback):
        return 21609
    return None


def _number(address: str) -> str:
    return address.removeprefix("whatsapp:")
