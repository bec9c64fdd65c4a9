"""The short code of a page, for whoever types instead of tapping: `{{code:ID}}` until sent.

Like a link's token it is a keyed hash of the link's id, made when sending and kept nowhere. The row
holds a keyed hash of the code: so few characters could be found again from a plain one.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from app.wording.bidi import CONTROLS

ALPHABET: Final = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, and no vowel, so that no word comes out."""
LENGTH: Final = 10
SAMPLE: Final = "XXXXX-XXXXX"
"""Stands for a code where there is none: X is in the alphabet, so it is as wide as one."""
_PLACEHOLDER: Final = re.compile(r"\{\{code:(0|[1-9][0-9]{0,17})\}\}", re.ASCII)
_BETWEEN: Final = re.compile(rf"[\s.\-\u2010-\u2015\u2212\u00ad{CONTROLS}]+")
_CODE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def placeholder(link_id: int) -> str:
    """What stands in frozen text for the code of this link."""
    return f"{{{{code:{link_id}}}}}"


def code(secret: bytes, link_id: int) -> str:
    """Ten of 28 characters, in two groups: 28^10, or 48 bits."""
    return drawn(secret, f"duly/code/{link_id}", LENGTH)


def drawn(secret: bytes, what: str, length: int) -> str:
    """So many characters of the alphabet, that nobody without the secret could name."""
    left = int.from_bytes(hmac.digest(secret, what.encode(), "sha256")[:16], "big")
    found = []
    for _ in range(length):
        left, place = divmod(left, len(ALPHABET))
        found.append(ALPHABET[place])
    plain, half = "".join(found), length // 2
    return f"{plain[:half]}-{plain[half:]}"


def code_hash(secret: bytes, typed: str) -> str | None:
    """What `Link.code_hash` holds of a code, however it is typed; None for what is no code."""
    plain = read_code(typed)
    if not _CODE.fullmatch(plain):
        return None
    return hmac.digest(secret, f"duly/code-hash/{plain}".encode(), "sha256")[:16].hex()


def read_code(typed: str) -> str:
    """A code without what people put between its groups, in capitals."""
    return _BETWEEN.sub("", typed[:100]).upper()


def with_code(text: str, secret: bytes) -> str:
    """The text with its codes made."""
    return _PLACEHOLDER.sub(lambda found: code(secret, int(found[1])), text)


def without_code(text: str, instead: str = r"[code \1]") -> str:
    """For staff, who know whose code it is and not which; or with anything else instead."""
    return _PLACEHOLDER.sub(instead, text)
