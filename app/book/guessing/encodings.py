"""Which encoding a file of no mark is written in, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from app.book.guessing.words import is_known
from app.book.reading.format import marked_encoding

_LOOKED_AT = 256 * 1024
_CANDIDATES = ("cp1252", "cp1255", "cp1256", "cp1257", "cp1250", "cp1251", "cp1253", "cp1254")
# Letters that tell the Latin code pages apart: what a language of the page writes often.
_LETTERS = {
    "cp1252": "äöüßÄÖÜàâçéèêëîïôùûñáíóúìòåæøÅÆØÉÈÀ",
    "cp1257": "ąčęėįšųūžĄČĘĖĮŠŲŪŽāēīķļņģĀĒĪĶĻŅĢäöüõÄÖÜÕ",
    "cp1250": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰ",
    "cp1254": "çğıöşüÇĞİÖŞÜ",
}
_SPLITS = ",;\t|\n\r"


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """`doubt` says why it may be another, if it may."""

    name: str | None
    doubt: str | None = None


def guess_encoding(path: Path) -> EncodingGuess:
    """None stands for what an import takes by itself: a marked encoding, or UTF-8."""
    with path.open("rb") as stream:
        head = stream.read(_LOOKED_AT)
    if marked_encoding(path) is not None or _is_utf8(head):
        return EncodingGuess(None)
    found = from_bytes(head, cp_isolation=[*_CANDIDATES])
    best = max((match.coherence for match in found), default=0.0)
    likely = [match for match in found if match.coherence >= best]
    # Encodings that read the very same text stand within one match.
    names = {name for match in likely for name in match.could_be_from_charset} or {"cp1252"}
    # Headers that are known words prove more than the letters of a few rows.
    told = max(_fit(head, name)[0] for name in names)
    known = [name for name in _CANDIDATES if name in names or _fit(head, name)[0] > told]
    ranked = sorted(known, key=lambda name: _fit(head, name), reverse=True)
    rivals = [name for name in ranked[1:] if _fit(head, name) >= _fit(head, ranked[0])]
    doubt = f"{' or '.join(rivals)} would read it too" if rivals else "told by its letters"
    return EncodingGuess(ranked[0], doubt)


def _is_utf8(head: bytes) -> bool:
    """Whether most lines are UTF-8: the odd row in another encoding is a reject, not a reason."""
    lines = [line for line in head.splitlines()[:-1] or [head] if not line.isascii()]
    good = sum(_decodes(line) for line in lines)
    return good >= len(lines) - good


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _fit(head: bytes, name: str) -> tuple[int, float]:
    """How many headers this encoding makes known words, and the share of plausible letters."""
    text = head.decode(name, "replace")
    first = text.splitlines()[0] if text else ""
    return _known(first), _plausible(text, _LETTERS.get(name))


def _known(header: str) -> int:
    for sign in _SPLITS:
        header = header.replace(sign, "\n")
    return sum(is_known(cell) for cell in header.splitlines())


def _plausible(text: str, letters: Sequence[str] | None) -> float:
    foreign = [sign for sign in text if not sign.isascii() and not sign.isspace()]
    if letters is None or not foreign:
        return 0.5
    return sum(sign in letters for sign in foreign) / len(foreign)
