"""Keeps cells of what we write from running as formulas when a spreadsheet program opens them.

Every CSV that leaves Duly goes through `neutral`. `restored` undoes it where we read our own.
"""

from __future__ import annotations

import re

# OWASP's list for CSV injection, with the full-width forms that spreadsheet programs take too.
_RUNS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def neutral(cell: str) -> str:
    """The cell behind an apostrophe if a spreadsheet program could take it for a formula."""
    return f"'{cell}" if _RUNS.match(cell) else cell


def restored(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell
