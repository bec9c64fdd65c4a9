"""Bytes as text, whatever their label says. Total: any bytes have a reading, at worst with gaps."""

from __future__ import annotations

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

# Names that mail uses and Python does not know: logical Hebrew (RFC 1556), and old ones of vendors.
_ALIASES: Final = {
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "x-sjis": "shift_jis",
    "x-gbk": "gbk",
}
# Only these: Python also calls compression, ROT13 and quadratic codecs "encodings".
_KNOWN: Final = re.compile(
    r"utf-(?:7|8|16|16-le|16-be)|cp(?:125[0-8]|437|85[0258]|86[246]|874|932|949)|iso8859-\d{1,2}"
    r"|koi8-[rut]|mac-(?:roman|cyrillic|greek|turkish|latin2)|gb2312|gbk|gb18030|big5|shift_jis"
    r"|euc_(?:jp|kr)|iso2022_(?:jp|kr)"
)
_HIDING: Final = frozenset(
    {"utf-7", "utf-16", "utf-16-le", "utf-16-be", "iso2022_jp", "iso2022_kr"}
)
"""Charsets whose bytes are UTF-8 as well, with another meaning."""
_GUESSED: Final = (
    "cp1255", "cp1256", "cp1257", "cp1251", "cp1250", "cp1252", "koi8_r", "iso8859_8", "iso8859_6",
)  # fmt: skip
# Hebrew letters in cp1255 and ISO 8859-8; a final form (ך ם ן ף ץ) ends its word.
_HEBREW: Final = re.compile(rb"[\x00-\x7f\x96\x97\xa0\xe0-\xfa]*")
_FINAL_FORM_INSIDE: Final = re.compile(rb"[\xea\xed\xef\xf3\xf5][\xe0-\xfa]")
_LOOKED_AT: Final = 4096  # bytes that a guess is made from


def decoded(raw: bytes, label: str | None = None) -> str:
    """The text of these bytes. What is UTF-8 is read as that: labels are wrong more often than
    another charset looks like it by chance. Then the label, then a guess."""
    named = _codec(label)
    for codec in (named, "utf-8") if named in _HIDING else ("utf-8", named):
        try:
            if codec is not None:
                return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode(_guess(raw), errors="replace")


def _codec(label: str | None) -> str | None:
    name = (label or "").strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if not re.fullmatch(r"[a-z0-9._:-]{2,40}", name):
        return None
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return None
    return known if _KNOWN.fullmatch(known) else None


def _guess(raw: bytes) -> str:
    looked_at = raw[:_LOOKED_AT]
    if _HEBREW.fullmatch(looked_at) and not _FINAL_FORM_INSIDE.search(looked_at):
        return "cp1255"
    best = from_bytes(looked_at, cp_isolation=list(_GUESSED)).best()
    return best.encoding if best is not None else "cp1252"
