"""What taking in statements did, or would do. Counts, places and reasons; no payer, no words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.book.report import SHOWN
from campaigns.money import Money


@dataclass(frozen=True, slots=True)
class EntryNote:
    """`place` is the entry's in its statement, or a line of a CSV."""

    statement: str
    place: str
    text: str


@dataclass(slots=True)
class StatementReport:
    """Sums are in minor units by currency. `told` is all money that came in by the statements:
    it is `booked`, `waiting`, `unmatched` or `known` already, to the last unit."""

    file: str
    creditor: str
    dry_run: bool
    statements: int = 0
    refused: int = 0  # statements whose balances do not agree: nothing of them is taken
    entries: int = 0
    booked: int = 0
    waiting: int = 0
    unmatched: int = 0
    reversed: int = 0
    known: int = 0
    ignored: int = 0  # debits of our own
    pending: int = 0
    rejected: int = 0
    money: dict[str, dict[str, int]] = field(default_factory=dict)
    rejects: list[EntryNote] = field(default_factory=list)
    findings: list[EntryNote] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many entries were new. 0 when the statements told nothing new."""
        return self.booked + self.waiting + self.unmatched + self.reversed

    def add(self, where: str, amount: Money) -> None:
        sums = self.money.setdefault(where, {})
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor

    def reject(self, note: EntryNote) -> None:
        self.rejected += 1
        if len(self.rejects) < SHOWN:
            self.rejects.append(note)

    def as_json(self) -> dict[str, Any]:
        listed = {"money", "rejects", "findings"}
        plain = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in listed
        }
        return {
            **plain,
            "changed": self.changed,
            "money": {where: dict(sorted(sums.items())) for where, sums in self.money.items()},
            "rejects": [_plain(note) for note in self.rejects],
            "findings": [_plain(note) for note in self.findings],
        }


def _plain(note: EntryNote) -> dict[str, str]:
    return {"statement": note.statement, "place": note.place, "text": note.text}
