"""Where in a workbook the rows stand: on which sheet, and below how many lines of title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Filled = Sequence[int]
"""How many cells of each row from the top say something."""


@dataclass(frozen=True, slots=True)
class TableGuess:
    """`sheet` is None where there is no choice; `doubt` says what else there was."""

    sheet: str | None = None
    skip: int = 0
    doubt: str | None = None


def guess_table(sheets: Mapping[str, Filled], sheet: str | None, skip: int | None) -> TableGuess:
    """The sheet that says most, and its first row that is half as wide as the widest; what is
    known of either stays."""
    told = [name for name, filled in sheets.items() if any(filled)]
    if sheet is None and len(told) < 2:
        return TableGuess(None, _titles(sheets[told[0]]) if told and skip is None else skip or 0)
    likeliest = sheet if sheet is not None else max(told, key=lambda name: sum(sheets[name]))
    others = ", ".join(name for name in told if name != likeliest)
    guessed = _titles(sheets.get(likeliest, ())) if skip is None else skip
    return TableGuess(likeliest, guessed, f"there is also {others}" if sheet is None else None)


def _titles(filled: Filled) -> int:
    """The rows above the headings, where any of them says something."""
    widest = max(filled, default=0)
    if widest < 2:
        return 0
    headings = next(at for at, count in enumerate(filled) if count * 2 >= widest)
    return headings if any(filled[:headings]) else 0
