"""Signs callbacks and checks signatures: HMAC-SHA256 over the timestamp and the raw body.

The header is `t=<unix seconds>,v1=<hex>`, the scheme that Stripe publishes. While a secret is being
replaced there may be several `v1`; one that fits is enough. Other versions prove nothing.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from app.payments.gateway import FRESH_FOR, ForgedCallback

_STAMP: Final = re.compile(r"[0-9]{1,12}")


def sign(body: bytes, *, secret: str, at: datetime) -> str:
    """The header that proves `body` to be sent at `at` by one who knows the secret."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def ensure_signed(
    body: bytes, header: str, *, secret: str, now: datetime, fresh_for: timedelta = FRESH_FOR
) -> None:
    """Raises `ForgedCallback` unless `header` proves the raw body, and is fresh."""
    stamp, signatures = _parts(header)
    if not secret:
        raise ForgedCallback("no secret is set for this gateway, so no callback can be believed")
    if not _STAMP.fullmatch(stamp) or not signatures:
        raise ForgedCallback("the signature header is missing or malformed")
    expected = _digest(secret, stamp, body).encode()
    if not any(hmac.compare_digest(expected, each.encode()) for each in signatures):
        raise ForgedCallback("the signature does not fit the body")
    if abs(now.timestamp() - int(stamp)) > fresh_for.total_seconds():
        raise ForgedCallback("the signature is stale: the callback may be replayed")


def _parts(header: str) -> tuple[str, list[str]]:
    pairs = [part.partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name.strip() == "t"]
    return (stamps[0] if stamps else ""), [v for name, _, v in pairs if name.strip() == "v1"]


def _digest(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
