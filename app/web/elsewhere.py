"""Tells whether a form was pressed on a page of ours, by what browsers themselves say of it.

Where a form carries a nonce, that alone keeps forged ones out. The door, the question before a page
and the page of an ended link have none: without this, any site could have its visitors try codes
there, until their own networks are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

_OURS: Final = frozenset({"same-origin", "none"})  # none: typed, or sent again by the browser


def is_from_elsewhere(headers: Mapping[str, str], base_url: str) -> bool:
    """Whether the headers, named in lower case, name another site. What says nothing is ours: old
    browsers, and an `Origin` that our own `Referrer-Policy` has made `null`."""
    said = headers.get("sec-fetch-site")
    if said is not None:
        return said.lower() not in _OURS
    origin = headers.get("origin", "null")
    return origin != "null" and _host(origin) not in {headers.get("host", ""), _host(base_url)}


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return address
