"""What an import did, or would do. Holds counts, lines and reasons; never a customer's data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.book.entries.shapes import Reject
from campaigns.money import Money

SHOWN = 100


@dataclass(frozen=True, slots=True)
class LineNote:
    """Something that is said of one line of the file."""

    line: int
    text: str


@dataclass(slots=True)
class ImportReport:
    """`rejects` and `notes` show the first hundred; their counts are of all.

    `invoiced`, `paid`, `credited` and `went_back` are what is new, in minor units by currency,
    never across. `written` is how the file turned out to be written; `as_of_from` says what told
    up to when it is true.
    """

    file: str
    mapping: str
    creditor: str
    dry_run: bool
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    creditors_added: int = 0
    customers_added: int = 0
    customers_changed: int = 0
    contacts_added: int = 0
    contacts_changed: int = 0
    addresses_added: int = 0
    addresses_retired: int = 0
    consents_recorded: int = 0
    invoices_added: int = 0
    invoices_changed: int = 0
    payments_posted: int = 0
    credit_notes_posted: int = 0
    reversals_posted: int = 0
    disputes_opened: int = 0
    disputes_resolved: int = 0
    noted: int = 0
    invoiced: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    credited: dict[str, int] = field(default_factory=dict)
    went_back: dict[str, int] = field(default_factory=dict)
    as_of: datetime | None = None
    as_of_from: str | None = None
    written: str = ""
    rejects_file: str | None = None
    rejects: list[LineNote] = field(default_factory=list)
    notes: list[LineNote] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many things the import added, changed or ended. 0 when it told nothing new."""
        return (
            self.creditors_added
            + self.customers_added
            + self.customers_changed
            + self.contacts_added
            + self.contacts_changed
            + self.addresses_added
            + self.addresses_retired
            + self.consents_recorded
            + self.invoices_added
            + self.invoices_changed
            + self.payments_posted
            + self.credit_notes_posted
            + self.reversals_posted
            + self.disputes_opened
            + self.disputes_resolved
        )

    def go_on_from(self, before: ImportReport) -> None:
        """Takes the counts of a run that died after these rows: telling them again told nothing."""
        for name in self.__dataclass_fields__:
            if name not in _OF_THIS_RUN:
                setattr(self, name, getattr(before, name))

    def reject(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            self.rejected += 1
            if len(self.rejects) < SHOWN:
                self.rejects.append(LineNote(reject.raw.line, "; ".join(reject.reasons)))

    def note(self, line: int, text: str) -> None:
        self.noted += 1
        if len(self.notes) < SHOWN:
            self.notes.append(LineNote(line, text))

    def count_money(self, sums: dict[str, int], amount: Money) -> None:
        """Adds to `invoiced`, `paid`, `credited` or `went_back`."""
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor

    def as_json(self) -> dict[str, Any]:
        """Plain values, for `--json`. Amounts stay in minor units by currency."""
        sums = ("invoiced", "paid", "credited", "went_back")
        listed = {"rejects", "notes", "as_of", *sums}
        plain = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in listed
        }
        return {
            **plain,
            "changed": self.changed,
            **{name: dict(sorted(getattr(self, name).items())) for name in sums},
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "rejects": [{"line": note.line, "reasons": note.text} for note in self.rejects],
            "notes": [{"line": note.line, "text": note.text} for note in self.notes],
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> ImportReport:
        """What `as_json` wrote."""
        plain = {name: told[name] for name in cls.__dataclass_fields__}
        plain["as_of"] = datetime.fromisoformat(told["as_of"]) if told["as_of"] else None
        plain["rejects"] = [LineNote(each["line"], each["reasons"]) for each in told["rejects"]]
        plain["notes"] = [LineNote(each["line"], each["text"]) for each in told["notes"]]
        return cls(**plain)


_OF_THIS_RUN = frozenset({"file", "mapping", "creditor", "dry_run", "written", "rejects_file"})


Kept = Callable[[Session, ImportReport], None]
"""Told of each batch within its transaction, when all of it is written."""


def keep_batch(
    session: Session, report: ImportReport, kept: Kept | None, known: ImportReport | None
) -> None:
    """Tells `kept` of a batch that is new; one that a run which died had told, up to `known`, is
    only counted as it was then."""
    if known is not None and report.rows <= known.rows:
        if report.rows == known.rows:
            report.go_on_from(known)
    elif kept is not None:
        kept(session, report)
