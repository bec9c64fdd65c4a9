"""Direction of mixed text: isolates around what we insert, and names that cannot break out.

Isolates are those of UAX #9: LRI, RLI and FSI open, PDI closes; each pair stays on one line.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
CONTROLS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"

NAME_LIMIT = 60
_STRAY = re.compile(rf"[{CONTROLS}\u0000-\u001f\u007f-\u009f\u2028\u2029{{}}\ud800-\udfff]|:/")
_INVISIBLE = re.compile(rf"[{CONTROLS}\u200b\u2060\ufeff\u00ad\ud800-\udfff\u0000-\u0008\u007f]")
_TWO_STOPS = re.compile(r"\.(?<!\.\.)(\u200f?(?:\u2069|</bdi>)?)\.(?!\.)")
_STOPS_MEET = ("..", ".\u200f", ".\u2069", ".</bdi>")
_BRACES = str.maketrans("{}", "()")
_STRONG_RTL = frozenset({"R", "AL"})
_STRONG_LTR = frozenset({"L", "EN"})


@lru_cache(maxsize=8192)
def cleaned(value: str, limit: int = NAME_LIMIT) -> str:
    """Text from outside, on one line, without direction controls, at most `limit` long.

    Braces become parentheses, so that a name cannot pose as a link placeholder, and an address
    loses its scheme, so that a name cannot carry a link of its own.
    """
    if _STRAY.search(value) or len(value) > limit or "  " in value or value != value.strip():
        plain = _INVISIBLE.sub("", value).translate(_BRACES).replace("://", " ")
        plain = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in plain)
        value = " ".join(plain.split())
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def with_single_stops(text: str) -> str:
    """ "ر.س." and "d." end in a dot of their own, isolated or not, which also ends the sentence."""
    if not any(pair in text for pair in _STOPS_MEET):  # a page is long, and rarely holds one
        return text
    return _TWO_STOPS.sub(r".\1", text)


@lru_cache(maxsize=8192)
def runs_against(value: str, *, rtl: bool) -> bool:
    """Whether `value` holds a letter or digit that runs against the text around it."""
    against = _STRONG_LTR if rtl else _STRONG_RTL
    return any(unicodedata.bidirectional(character) in against for character in value)


def balanced(text: str) -> bool:
    """Whether every isolate is closed on the line that opened it, and nothing else is closed."""
    for line in text.splitlines():
        depth = 0
        for character in line:
            if character in {LRI, RLI, FSI}:
                depth += 1
            elif character == PDI:
                depth -= 1
                if depth < 0:
                    return False
        if depth:
            return False
    return True
