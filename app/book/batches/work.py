"""A batch while it is written: what it is, whose ids it found, and which rows were refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from app.book.batches.firsts import Firsts
from app.book.customers import Owner
from app.book.days import start_of
from app.book.entries.shapes import Entry, Reject
from app.book.report import ImportReport
from campaigns.keys import derive


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of one feed, to be written in one transaction.

    `tells_history` says that the rows date what they tell (`known_on`), so that what they tell is
    recorded under its own date and not under the import's. `forgets` says that nothing of it stays,
    so that a reference to what an earlier row told is taken as known. `secret`
    recognises addresses that were erased.
    """

    owner: Owner
    entries: Sequence[Entry]
    firsts: Firsts
    tells_history: bool
    forgets: bool
    now: datetime
    secret: bytes | None = None

    def instant(self, day: date | None) -> datetime:
        if day is None or not self.tells_history:
            return self.now
        return start_of(day, self.owner.zone)


@dataclass(slots=True)
class Work:
    """One batch on its way. `ids` are the customers' by external id."""

    session: Session
    batch: Batch
    report: ImportReport
    ids: Mapping[str, int] = field(default_factory=dict)
    refused: dict[int, Reject] = field(default_factory=dict)

    @property
    def entries(self) -> list[Entry]:
        """Those that were not refused so far."""
        return [entry for entry in self.batch.entries if entry.raw.line not in self.refused]

    def remembered(self, names: Sequence[str]) -> Collection[str]:
        """Of what a dry run has forgotten, what it saw."""
        return self.batch.firsts.seen(names) if self.batch.forgets else ()

    def refuse(self, entry: Entry, reason: str) -> None:
        self.refused[entry.raw.line] = Reject(entry.raw, (reason,))

    def customer_id(self, entry: Entry) -> int:
        return self.ids[entry.customer.external_id]


def invoice_name(entry: Entry, number: str) -> str:
    """How an invoice is known while an import runs."""
    return derive("invoice", entry.customer.external_id, number)


def customer_name(external_id: str) -> str:
    return derive("customer", external_id)
