"""What a body must be before it is taken: JSON that says one thing, and not above a size.

The words in it come later. A name that stands twice in one object, or a number that is none, is
refused here: whichever of two amounts were booked, the caller may have meant the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from app.api.problems import Fault, Problem, Stopped, invalid, unreadable

LARGEST: Final = 4 * 1024 * 1024
"""A thousand rows with all that a row may hold."""

_JSON: Final = "application/json"


class _Ambiguous(ValueError):
    """It is JSON to some readers. Says why not to us."""


def ensure_fit(headers: Headers) -> None:
    """Raises `Problem` for a body that says of itself that it is not taken."""
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length) > LARGEST:
        raise _TOO_LARGE
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if (length != "0" or "transfer-encoding" in headers) and kind != _JSON:
        raise _NOT_JSON


def limited(receive: Receive) -> Receive:
    """Reads no more than `LARGEST`, whatever the body said of itself, and hands on only what can be
    read in one way. Raises `Stopped`."""
    body = bytearray()

    async def reading() -> Message:
        message = await receive()
        body.extend(message.get("body", b""))
        if len(body) > LARGEST:
            raise Stopped(_TOO_LARGE)
        if body and not message.get("more_body", False):
            _ensure_clear(bytes(body))
        return message

    return reading


def _ensure_clear(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_number)
    except json.JSONDecodeError as problem:
        raise _unread(f"is no JSON from character {problem.pos + 1} on") from None
    except _Ambiguous as problem:
        raise _unread(str(problem)) from None
    except (ValueError, RecursionError):
        raise Stopped(unreadable()) from None


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Ambiguous("names a field twice in one object: name each once")
    return found


def _no_number(_: str) -> NoReturn:
    raise _Ambiguous("holds NaN or Infinity, which JSON does not know")


def _unread(reason: str) -> Stopped:
    return Stopped(invalid([Fault(pointer="/body", reason=reason)]))


_TOO_LARGE: Final = Problem(
    413,
    "too_large",
    "The body is too large",
    f"Send at most {LARGEST // 1024 // 1024} MiB a call, in several calls.",
)
_NOT_JSON: Final = Problem(
    415, "not_json", "The body is no JSON", f"Send it with `Content-Type: {_JSON}`."
)
