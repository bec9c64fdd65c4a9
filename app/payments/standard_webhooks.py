"""Signs and checks calls by Standard Webhooks (https://www.standardwebhooks.com), version `v1`.

Written by the specification: its library reads the clock, and a call is checked again later as of
the instant at which it came.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.payments.gateway import FRESH_FOR, ForgedCallback

PREFIX: Final = "whsec_"
ID, STAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def sign(body: bytes, *, secret: str, message_id: str, at: datetime) -> dict[str, str]:
    """The three headers that prove `body` to be sent at `at` by one who knows the secret."""
    stamp = str(int(at.timestamp()))
    return {ID: message_id, STAMP: stamp, SIGNATURE: signature(secret, message_id, stamp, body)}


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """`v1,` and the signature in base64. Raises `ValueError` for a secret that is not base64."""
    content = b".".join((message_id.encode(), stamp.encode(), body))
    digest = hmac.digest(b64decode(secret.removeprefix(PREFIX), validate=True), content, "sha256")
    return f"v1,{b64encode(digest).decode()}"


def secret_of(key: bytes) -> str:
    """Key bytes as the specification writes a secret."""
    return PREFIX + b64encode(key).decode()


def ensure_signed(body: bytes, headers: Mapping[str, str], *, secret: str, now: datetime) -> None:
    """Raises `ForgedCallback` unless the headers, in lower case, prove the raw body and are fresh.

    While a secret is being replaced there may be several signatures; one that fits is enough.
    """
    message_id, stamp = headers.get(ID, ""), headers.get(STAMP, "")
    given = headers.get(SIGNATURE, "").split(" ")
    if not message_id or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise ForgedCallback("the headers of the signature are missing or malformed")
    try:
        expected = signature(secret, message_id, stamp, body).encode()
    except binascii.Error as malformed:
        raise ForgedCallback("the secret is not base64") from malformed
    if not any(hmac.compare_digest(expected, each.encode()) for each in given):
        raise ForgedCallback("the signature does not fit the body")
    if abs(now.timestamp() - int(stamp)) > FRESH_FOR.total_seconds():
        raise ForgedCallback("the signature is stale: the call may be replayed")
