"""Links in frozen text: `{{link:ID}}` until the moment of sending, masked for staff.

The token is never stored in a message; it is a keyed hash of the link's id, made when sending.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from functools import lru_cache

from app.wording.errors import UnknownLink
from app.wording.page_codes import without_code
from campaigns.worded import worded

TOKEN_LENGTH = 22
SECRET_BYTES = 32
_PLACEHOLDER = re.compile(r"\{\{link:(0|[1-9][0-9]{0,17})\}\}", re.ASCII)
_TOKEN_PATH = re.compile(r"/p/[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")
_UNSAFE = re.compile(r"[\s\"'<>{}\\^`\x00-\x1f\x7f-\U0010ffff]")


def placeholder(link_id: int) -> str:
    """What stands in frozen text for the link of this id."""
    if link_id < 0:
        raise ValueError(f"link id {link_id} is negative; ids are database keys")
    return f"{{{{link:{link_id}}}}}"


def token(secret: bytes, link_id: int) -> str:
    """128 bits of HMAC-SHA-256 over the link's id, in 22 url-safe characters (`/p/` + 22 = 25)."""
    keyed = _keyed(secret).copy()
    keyed.update(b"duly/link/%d" % link_id)
    return base64.urlsafe_b64encode(keyed.digest()[:16]).rstrip(b"=").decode("ascii")


@lru_cache(maxsize=4)
def _keyed(secret: bytes) -> hmac.HMAC:
    """To be copied: a key that is set up each time takes longer than all the rest."""
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"the link secret has {len(secret)} bytes; use at least {SECRET_BYTES}")
    return hmac.new(secret, digestmod="sha256")


def link_ids(text: str) -> frozenset[int]:
    """The ids of all placeholders in `text`."""
    return frozenset(int(found) for found in _PLACEHOLDER.findall(text))


def expand(text: str, urls: Mapping[int, str]) -> str:
    """Every placeholder replaced by its address; everything else byte for byte as it was.

    Raises `UnknownLink` for a placeholder without an address, and `ValueError` for an address
    that could break out of an HTML attribute or of a line.
    """

    def address(match: re.Match[str]) -> str:
        link_id = int(match[1])
        if link_id not in urls:
            raise UnknownLink(
                worded("link %(link_id)s has no address", link_id=link_id),
                worded("Make the link before the message is sent"),
            )
        url = urls[link_id]
        if _UNSAFE.search(url):
            raise ValueError(f"the address of link {link_id} holds a space, quote or control")
        return url

    return _PLACEHOLDER.sub(address, text)


def mask(text: str) -> str:
    """For staff: which link or code stood where, without one that could be followed or typed."""
    return without_code(_TOKEN_PATH.sub("/p/…", _PLACEHOLDER.sub(r"[link \1]", text)))
