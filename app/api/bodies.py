"""What a body must be before it is read: JSON, and not above a size. Its words come later."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from app.api.problems import Problem

LARGEST: Final = 4 * 1024 * 1024
"""A thousand rows with all that a row may hold."""

_JSON: Final = "application/json"


def ensure_fit(headers: Headers) -> None:
    """Raises `Problem` for a body that says of itself that it is not taken."""
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length) > LARGEST:
        raise _TOO_LARGE
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if (length != "0" or "transfer-encoding" in headers) and kind != _JSON:
        raise _NOT_JSON


def limited(receive: Receive) -> Receive:
    """Reads no more than `LARGEST`, whatever the body said of itself.

    What stops it is an `HTTPException`: FastAPI hands on no other from the reading of a body.
    """
    taken = 0

    async def reading() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST:
            raise HTTPException(_TOO_LARGE.status)
        return message

    return reading


_TOO_LARGE: Final = Problem(
    413,
    "too_large",
    "The body is too large",
    f"Send at most {LARGEST // 1024 // 1024} MiB a call, in several calls.",
)
_NOT_JSON: Final = Problem(
    415, "not_json", "The body is no JSON", f"Send it with `Content-Type: {_JSON}`."
)
