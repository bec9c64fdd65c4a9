"""Values as JSON, and back: what columns of documents hold, and what a batch is sent in.

What Python's own `json` takes is taken, and what it refuses is refused: a value without a form,
such as an instant. Most documents of a row say nothing, and cost nothing here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import orjson

_STRICT: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_LONG_NUMBER: Final = re.compile(r"\d{19}")
"""As much as 64 bits hold, or more, which `orjson` would read as a float."""


def text_of(value: Any, default: Callable[[Any], Any] | None = None) -> str:
    """The value as JSON; `default` gives a form to what has none. Raises `TypeError` where there is
    none."""
    if not value:
        if type(value) is dict:
            return "{}"
        if type(value) is list:
            return "[]"
    try:
        return orjson.dumps(value, default, _STRICT).decode()
    except orjson.JSONEncodeError as problem:
        if problem.__cause__ is not None:  # by `default`
            raise problem.__cause__ from None
    return json.dumps(value, default=default)  # keys that are no text, long numbers


def value_of(text: str | bytes) -> Any:
    """What the text says. Raises `ValueError` where that is no JSON."""
    if text == "{}":
        return {}
    if text == "[]":
        return []
    given = text.decode() if isinstance(text, bytes) else text
    if _LONG_NUMBER.search(given):
        return json.loads(given)
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError:
        return json.loads(given)  # half of a character, which Python writes and reads
