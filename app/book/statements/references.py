"""What a payer's reference names. Whole numbers only: `INV-12` never stands in `INV-123`.

Free text names a thing only by a number that could hardly be anything else; a structured reference
by any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stdnum import iso11649

_WORD = re.compile(r"[^\W_]+")
_RF = re.compile(r"RF\d\d[A-Z0-9]*", re.ASCII)
_LONGEST_NAME = 6  # words of a number, such as INV/2026/09/0001
_LONGEST_RF = 8

Known = Callable[[str], bool]
"""Whether a bare number is one of those that are looked for."""


def bare(text: str) -> str:
    """A number as it is compared: letters and digits only, capitals, no zeros in front."""
    joined = "".join(_WORD.findall(text)).upper()
    return joined.lstrip("0") or joined


def is_telling(name: str) -> bool:
    """Whether a bare number in free text can hardly be a year, a sum or a house number."""
    if not any(character.isdigit() for character in name):
        return False
    return len(name) >= 5 or (len(name) == 4 and not name.isdigit())


def named_in_reference(reference: str, known: Known) -> set[str]:
    """The known numbers in a structured reference. One with wrong check digits names nothing."""
    words = [word.upper() for word in _WORD.findall(reference)]
    whole = "".join(words)
    if _RF.fullmatch(whole):
        if not iso11649.is_valid(whole):
            return set()
        payload = bare(whole[4:])
        return {payload} if known(payload) else set()
    return set(_known_runs(words, known))


def named_in_text(text: str, known: Known) -> tuple[set[str], set[str]]:
    """The known numbers in free text: those that are telling, and those that may be chance."""
    words = [word.upper() for word in _WORD.findall(text)]
    payloads = {bare(reference[4:]) for reference in _creditor_references(words)}
    found = set(_known_runs(words, known)) | {payload for payload in payloads if known(payload)}
    telling = {name for name in found if is_telling(name) or name in payloads}
    return telling, found - telling


def _known_runs(words: list[str], known: Known) -> Iterator[str]:
    """Numbers of neighbouring words, the longest first: lines of a bank break anywhere."""
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
            name = bare("".join(words[at : at + length]))
            if known(name):
                yield name
                at += length
                break
        else:
            at += 1


def _creditor_references(words: list[str]) -> Iterator[str]:
    """ISO 11649 references with right check digits, also written in groups of four."""
    for at, word in enumerate(words):
        if not _RF.match(word):
            continue
        for length in range(min(_LONGEST_RF, len(words) - at), 0, -1):
            joined = "".join(words[at : at + length])
            if len(joined) > 4 and iso11649.is_valid(joined):
                yield joined
                break
