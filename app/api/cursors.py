"""Where the next page begins: signed, so that a cursor is either ours or refused.

A cursor belongs to one list as it was asked for; with other filters it would skip rows in silence.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from app.api.problems import Fault, Problem, invalid

_MAC: Final = 12
_ID: Final = 8


def cursor(secret: bytes, listed: str, after: int) -> str:
    """The place after the row with this id, of the list that `listed` describes."""
    body = after.to_bytes(_ID, "big")
    return urlsafe_b64encode(body + _mac(secret, listed, body)).decode().rstrip("=")


def place_of(secret: bytes, listed: str, text: str) -> int:
    """The id after which the page begins. Raises `Problem`."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    body, mac = raw[:_ID], raw[_ID:]
    if not hmac.compare_digest(mac, _mac(secret, listed, body)):
        raise _refused()
    return int.from_bytes(body, "big")


def _mac(secret: bytes, listed: str, body: bytes) -> bytes:
    return hmac.digest(secret, b"duly/cursor/" + listed.encode() + b"/" + body, "sha256")[:_MAC]


def _refused() -> Problem:
    reason = "is no cursor of this list: take `next` as it came, with the same filters"
    return invalid([Fault(pointer="/query/cursor", reason=reason)])
