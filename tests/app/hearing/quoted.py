"""Mails that answer ours, as the mail programs of ten languages make them: see `quoted.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

_LISTED: Final[Any] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("quoted.yaml").read_text("utf-8")
)
WORDS: Final[dict[str, str]] = _LISTED["words"]
BELOW: Final[list[str]] = _LISTED["below"]
_OURS: Final = (
    "Dear Dana,",
    "invoice A-11 over 1,240.50 ILS was due on 12 November.",
    "Reply STOP to hear no more by mail.",
)


@dataclass(frozen=True)
class Quoting:
    """One program's way, in one language."""

    language: str
    program: str
    marked: bool
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.language}-{self.program}"

    def answer(self) -> str:
        """A mail that answers ours, its words on top."""
        quote = "\n".join(f"> {line}" if self.marked else line for line in _OURS)
        above = "\n".join(self.lines)
        return f"{WORDS[self.language]}\n\nDana\n\n{above}\n\n{quote}\n"


QUOTINGS: Final = [
    Quoting(each["language"], each["program"], each["marked"], tuple(each["lines"]))
    for each in _LISTED["above"]
]
