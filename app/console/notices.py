"""What the next page says once: that an act is done, and how it is undone.

It travels in a cookie that the console has signed, and is gone when it was read: no page writes.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "duly_said"
PATH: Final = "/console"
_LASTS: Final = 60  # seconds: the browser follows a redirect at once
_LONGEST: Final = 1500


@dataclass(frozen=True, slots=True)
class Notice:
    """`words` is a text marked by `N_`; `facts` fill its blanks, and are never anybody's data.
    `undo` is the path of a form that takes it back."""

    words: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    undo: str = ""
    is_bad: bool = False


def say(answer: Response, notice: Notice, secret: bytes, *, encrypted: bool) -> None:
    """Has the next page say it."""
    told = [notice.words, dict(notice.facts), notice.undo, notice.is_bad]
    body = urlsafe_b64encode(json.dumps(told).encode())
    answer.set_cookie(
        COOKIE,
        f"{body.decode()}.{_seal(body, secret)}",
        max_age=_LASTS,
        path=PATH,
        secure=encrypted,
        httponly=True,
        samesite="strict",
    )


def said(request: Request, secret: bytes) -> Notice | None:
    """What the page before left to say; None for nothing, or for what we did not write."""
    body, _, seal = request.cookies.get(COOKIE, "")[:_LONGEST].partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(body.encode(), secret).encode()):
        return None
    try:
        return Notice(*json.loads(urlsafe_b64decode(body)))
    except (ValueError, TypeError, Error):
        return None


def forget(answer: Response) -> None:
    answer.delete_cookie(COOKIE, path=PATH)


def _seal(body: bytes, secret: bytes) -> str:
    return hmac.digest(secret, b"duly/console/said/" + body, "sha256")[:16].hex()
