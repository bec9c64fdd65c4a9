"""How many SMS a text costs, and how to keep it cheap without changing what it says.

An SMS carries 1,120 bits: 160 septets of GSM-7 (3GPP TS 23.038) or 70 UTF-16 units of UCS-2.
A longer text is cut into parts that each give 48 bits to a header: 153 septets or 67 units
(3GPP TS 23.040). One character outside GSM-7 moves the whole text to UCS-2. Characters of the
extension table take two septets, those above U+FFFF two units; neither pair may be cut apart,
so a part can end one short, and then the count is not a plain division.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# U+00E7 is left out. Unicode's GSM0338.TXT puts it at 0x09, 3GPP and the carriers have U+00C7
# there, so a small c with cedilla would arrive as a capital or as "?".
_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = "\f^{}\\[~]|€"
_OUTSIDE_GSM: Final = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]")
_EXTENDED: Final = re.compile(f"[{re.escape(_EXTENSION)}]")
_ESCAPE: Final = "\x1b"
_ESCAPED: Final = _ESCAPE + r"\g<0>"


class SmsEncoding(StrEnum):
    """The alphabet that a whole text travels in."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


_GSM_SINGLE, _GSM_PART = 160, 153
_UCS_SINGLE, _UCS_PART = 70, 67


@dataclass(frozen=True, slots=True)
class SmsSize:
    """What a text costs: `units` are septets (GSM-7) or UTF-16 units (UCS-2).

    `per_segment` is the room of each segment at this length. An empty text is one segment.
    """

    encoding: SmsEncoding
    units: int
    segments: int
    per_segment: int


def measure(text: str) -> SmsSize:
    """The size of a text exactly as given; total over every `str`."""
    if _OUTSIDE_GSM.search(text):
        return _measure_ucs(text)
    extended = len(_EXTENDED.findall(text))
    septets = len(text) + extended
    if septets <= _GSM_SINGLE:
        return SmsSize(SmsEncoding.GSM_7, septets, 1, _GSM_SINGLE)
    parts = _count_gsm_parts(text) if extended else -(-septets // _GSM_PART)
    return SmsSize(SmsEncoding.GSM_7, septets, parts, _GSM_PART)


def gsm_safe(text: str) -> str:
    """The text with its typography in plain characters, where that makes it fit GSM-7.

    Only what carries no meaning is replaced: kinds of spaces, quotes, dashes and dots, and
    marks that steer direction or line breaks, which do nothing between Latin letters. Letters
    with accents stay, since they spell names; a text that needs UCS-2 for any of them, or
    that would take more segments than before, comes back untouched.
    """
    if not _OUTSIDE_GSM.search(text):
        return text
    folded = unicodedata.normalize("NFC", text).translate(_FOLD)
    if _OUTSIDE_GSM.search(folded):
        return text
    return folded if measure(folded).segments <= measure(text).segments else text


@dataclass(frozen=True, slots=True)
class Costly:
    """One character that moves a text to UCS-2, by its name in Unicode. `at` are its places in the
    text; `plain` says the same in GSM-7, or is None where only other words would."""

    char: str
    name: str
    at: tuple[int, ...]
    plain: str | None


def costly(text: str) -> tuple[Costly, ...]:
    """Every character outside GSM-7, in the order of their first places."""
    places: dict[str, list[int]] = {}
    for found in _OUTSIDE_GSM.finditer(text):
        places.setdefault(found[0], []).append(found.start())
    return tuple(Costly(c, _name(c), tuple(at), _plain(c)) for c, at in places.items())


def counted_double(text: str) -> tuple[str, ...]:
    """The characters of GSM-7's extension table that stand in it: each takes the room of two."""
    return tuple(dict.fromkeys(_EXTENDED.findall(text)))


def _name(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def _plain(char: str) -> str | None:
    """A mark in plain characters, a currency by its code, a letter without its accent."""
    folded = _FOLD.get(ord(char), _CODES.get(char))
    if folded is not None:
        return folded
    bare = unicodedata.normalize("NFKD", char)
    bare = "".join(each for each in bare if not unicodedata.combining(each))
    return bare if bare and not _OUTSIDE_GSM.search(bare) else None


def _measure_ucs(text: str) -> SmsSize:
    # A lone surrogate is a broken text, but measuring is not the place to refuse it.
    octets = text.encode("utf-16-be", "surrogatepass")
    units = len(octets) // 2
    if units <= _UCS_SINGLE:
        return SmsSize(SmsEncoding.UCS_2, units, 1, _UCS_SINGLE)
    parts = -(-units // _UCS_PART) if units == len(text) else _count_ucs_parts(octets)
    return SmsSize(SmsEncoding.UCS_2, units, parts, _UCS_PART)


def _count_gsm_parts(text: str) -> int:
    # The text as it travels: an escape septet stands before each extension character.
    septets = _EXTENDED.sub(_ESCAPED, text)
    parts = at = 0
    while at < len(septets):
        at += _GSM_PART
        if septets[at - 1 : at] == _ESCAPE:
            at -= 1
        parts += 1
    return parts


def _count_ucs_parts(octets: bytes) -> int:
    parts = at = 0
    while at < len(octets):
        at += 2 * _UCS_PART
        if at < len(octets) and 0xD8 <= octets[at - 2] <= 0xDB:
            at -= 2
        parts += 1
    return parts


_FOLD_TO: Final = {
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000",
    "\n": "\u0085\u2028\u2029",
    # Soft hyphen, zero-width marks, direction marks, embeddings and isolates, byte order mark.
    "": "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff",
    "'": "`\u00b4\u02bc\u2018\u2019\u201a\u201b\u2032\u2039\u203a",
    '"': "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "...": "\u2026",
    # Not a dash, which before an amount reads as a minus sign.
    "*": "\u2022",
    "/": "\u2044",
    "x": "\u00d7",
}
_CODES: Final = {
    "\u20aa": "ILS", "\u20bd": "RUB", "\u20b4": "UAH", "\u20ba": "TRY", "\u20b9": "INR",
    "\u20a9": "KRW", "\u20ab": "VND", "\u20a6": "NGN", "\u20b1": "PHP", "\u20b8": "KZT",
    "\u20be": "GEL", "\u20bc": "AZN", "\u0e3f": "THB",
}  # fmt: skip
_FOLD: Final = {ord(char): plain for plain, chars in _FOLD_TO.items() for char in chars}
