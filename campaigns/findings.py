"""What a checker found wrong in a file: where, what, and what to write instead.

JourneyError(ValueError)   a journey that cannot be published, with all its findings
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches

from campaigns.worded import Worded, worded


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` and `column` count from 1. `problem` is a clause, `remedy` a sentence; both
    are `Worded` where people read them in their own language."""

    file: str
    line: int
    column: int
    problem: str
    remedy: str
    cause: str | None = None

    def __str__(self) -> str:
        why = f" ({self.cause})" if self.cause else ""
        return f"{self.file}:{self.line}:{self.column}: {self.problem}{why}. {self.remedy}"


class JourneyError(ValueError):
    """Everything that keeps a file from being a journey."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Report:
    """Collects the findings of one file."""

    file: str
    _found: list[Finding] = field(default_factory=list)

    def add(self, place: Place, problem: str, remedy: str, *, cause: str | None = None) -> None:
        self._found.append(Finding(self.file, place.line, place.column, problem, remedy, cause))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, from the top of the file to its end."""
        return tuple(sorted(self._found, key=lambda finding: (finding.line, finding.column)))


def did_you_mean(word: str, known: Collection[str], *, of: str = "") -> Worded | None:
    """A remedy that names the nearest known word, or None when none is near. `of` stands before
    each of the known ones."""
    near = get_close_matches(word, [str(name) for name in known if name], n=1, cutoff=0.5)
    return worded("Did you mean `%(near)s`?", near=f"{of}{near[0]}") if near else None
