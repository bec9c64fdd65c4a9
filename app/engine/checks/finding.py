"""What one promise comes to when the live database is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

SHOWN = 10


@dataclass(frozen=True, slots=True)
class PromiseCheck:
    """`violations` is None where only tests can prove the promise. `sample` names rows by id."""

    number: int
    name: str
    violations: int | None
    examined: int
    evidence: str
    sample: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "violations": self.violations,
            "examined": self.examined,
            "evidence": self.evidence,
            "sample": list(self.sample),
        }


class Tally:
    """Counts what was looked at and what was wrong, and remembers the first few."""

    def __init__(self) -> None:
        self.examined = 0
        self.violations = 0
        self._sample: list[str] = []

    def wrong(self, kind: str, row_id: object) -> None:
        self.violations += 1
        if len(self._sample) < SHOWN:
            self._sample.append(f"{kind} {row_id}")

    def all_wrong(self, kind: str, row_ids: Iterable[object]) -> None:
        for row_id in row_ids:
            self.wrong(kind, row_id)

    def finding(self, number: int, name: str, evidence: str) -> PromiseCheck:
        return PromiseCheck(
            number, name, self.violations, self.examined, evidence, tuple(self._sample)
        )
