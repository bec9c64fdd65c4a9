"""What a payer's reference names. Whole numbers only: `INV-12` never stands in `INV-123`.

Free text names a thing only by a number that could hardly be anything else; a structured reference
by any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stdnum import iso11649

_WRITTEN = re.compile(r"[^\s,;]+")
_WORD = re.compile(r"[^\W_]+")
_RF = re.compile(r"RF\d\d[A-Z0-9]*", re.ASCII)
_LONGEST_NAME = 6  # words of a number, such as INV/2026/09/0001
_LONGEST_RF = 8

Known = Callable[[str], bool]
"""Whether a bare number is one of those that are looked for."""


def bare(text: str) -> str:
    """A number as it is compared: letters and digits only, capitals, no zeros in front."""
    return _without_zeros("".join(_WORD.findall(text)).upper())


def is_telling(name: str) -> bool:
    """Whether a bare number in free text can hardly be a year, a sum or a house number."""
    if not any(character.isdigit() for character in name):
        return False
    return len(name) >= (6 if name.isdigit() else 4)


def named_in_reference(reference: str, known: Known) -> set[str]:
    """The known numbers in a structured reference. One with wrong check digits names nothing."""
    whole = "".join(_WORD.findall(reference)).upper()
    if _RF.fullmatch(whole):
        if not iso11649.is_valid(whole):
            return set()
        payload = bare(whole[4:])
        return {payload} if known(payload) else set()
    return {bare(whole)} if known(bare(whole)) else set(_known(reference, known))


def named_in_text(text: str, known: Known) -> tuple[set[str], set[str]]:
    """The known numbers in free text: those that are telling, and those that may be chance."""
    words = [word.upper() for word in _WORD.findall(text)]
    payloads = {bare(reference[4:]) for reference in _creditor_references(words)}
    found = set(_known(text, known)) | {payload for payload in payloads if known(payload)}
    telling = {name for name in found if is_telling(name) or name in payloads}
    return telling, found - telling


def _known(text: str, known: Known) -> Iterator[str]:
    """Every known number that whole words make, alone or with those that follow.

    Banks break lines anywhere, so `INV-10 01` may be INV-1001. When INV-10 is known too, both are
    answered, and it is for a person to say which.
    """
    written = _WRITTEN.findall(text.upper())
    letters = ["".join(_WORD.findall(word)) for word in written]
    for at, word in enumerate(written):
        for length in range(1, min(_LONGEST_NAME, len(written) - at) + 1):
            name = _without_zeros("".join(letters[at : at + length]))
            if known(name):
                yield name
        if not known(_without_zeros(letters[at])):
            yield from _within(word, known)


def _within(word: str, known: Known) -> Iterator[str]:
    """Numbers inside one word, such as `no:INV-1001/INV-1002`, the longest first."""
    parts = _WORD.findall(word)
    at = 0
    while at < len(parts):
        for length in range(min(_LONGEST_NAME, len(parts) - at), 0, -1):
            name = _without_zeros("".join(parts[at : at + length]))
            if known(name):
                yield name
                at += length
                break
        else:
            at += 1


def _without_zeros(letters: str) -> str:
    return letters.lstrip("0") or letters


def _creditor_references(words: list[str]) -> Iterator[str]:
    """ISO 11649 references with right check digits, also written in groups of four. With a word
    that follows, one in a hundred has right digits by chance, so every length counts."""
    for at, word in enumerate(words):
        if not _RF.match(word):
            continue
        for length in range(1, min(_LONGEST_RF, len(words) - at) + 1):
            joined = "".join(words[at : at + length])
            if len(joined) > 4 and iso11649.is_valid(joined):
                yield joined
