"""The ledger of consents: what customers said, read in order, and what a feed may add to it.

A feed never undoes what a customer withdrew with us.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.days import start_of
from app.book.entries.shapes import ConsentEntry
from app.store.bulk import insert_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Consent
from campaigns.vocabulary import Basis, Purpose

IMPORT: Final = "import"
"""Who put on record what a feed said."""

DULY: Final = "duly"
"""Who put on record what a customer did on our own channels."""

_CONSENT = table_of(Consent)


@dataclass(frozen=True, slots=True)
class ConsentTold:
    customer_id: int
    entry: ConsentEntry


@dataclass(slots=True)
class ConsentsRecorded:
    """How many were news, and the customers who said so."""

    recorded: int = 0
    customers: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Said:
    """What a customer has said of one medium so far: of reminders, of offers (None: nothing), and
    the withdrawals that no later consent answers."""

    reminders: bool | None = None
    offers: bool | None = None
    at: datetime | None = None
    withdrawals: list[Row[Any]] = field(default_factory=list)

    def hear(self, row: Row[Any]) -> None:
        """The next word, in the order of the ledger."""
        if row.purpose != Purpose.OFFERS:
            self.reminders, self.at = row.given, row.at
        if row.purpose != Purpose.REMINDERS:
            self.offers = row.given
        if row.given:
            self.withdrawals = [w for w in self.withdrawals if not _answers(row, w)]
        else:
            self.withdrawals.append(row)

    def is_withdrawn(self, purpose: str | None) -> bool:
        """Whether nothing of this purpose may be said any more; None is all."""
        match purpose:
            case Purpose.OFFERS:
                return self.offers is False
            case Purpose.REMINDERS:
                return self.reminders is False
            case _:
                return self.offers is False and self.reminders is False


def said(session: Session, customer_ids: Iterable[int]) -> Mapping[tuple[int, str], Said]:
    """What these customers said, by customer and medium."""
    found: dict[tuple[int, str], Said] = defaultdict(Said)
    for row in rows_given(session, _IN_ORDER, sorted(set(customer_ids))):
        found[row.customer_id, row.medium].hear(row)
    return found


def tell_consents(
    session: Session, zone: str, told: Sequence[ConsentTold], *, now: datetime
) -> ConsentsRecorded:
    """Records what the ledger does not say yet, in the order told. `zone` is whose days they are.

    Call it while the persons' guards are held.
    """
    known = dict(said(session, {each.customer_id for each in told}))
    rows = []
    for each in told:
        row = _row(each, zone, now)
        before = known.setdefault((each.customer_id, row["medium"]), Said())
        if _is_news(row, before, each.entry):
            row["purpose"] = _left_open(row, before)
            rows.append(row)
            before.reminders, before.at = row["given"], row["at"]
    insert_rows(session, Consent, rows)
    return ConsentsRecorded(len(rows), {row["customer_id"] for row in rows})


def _row(told: ConsentTold, zone: str, now: datetime) -> dict[str, Any]:
    entry = told.entry
    return {
        "customer_id": told.customer_id,
        "medium": str(entry.medium),
        "given": entry.given,
        "at": start_of(entry.at, zone) if entry.at else now,
        "source": entry.source,
        "method": entry.method,
        "evidence": entry.evidence,
        "basis": Basis.CONSENT if entry.given else None,
        "recorded_by": IMPORT,
        "recorded_at": now,
    }


def _is_news(row: Mapping[str, Any], before: Said, told: ConsentEntry) -> bool:
    """Whether the ledger does not say so yet.

    A feed that says yes every night must not undo what the customer withdrew with us, whatever day
    it gives. After a withdrawal that a feed told of, a dated and later yes counts.
    """
    ours = [each for each in before.withdrawals if _is_ours(each)]
    if row["given"] and any(each.purpose != Purpose.OFFERS for each in ours):
        return False
    if before.at is None or before.reminders is None:
        return True
    if before.reminders == row["given"]:
        return False
    if row["given"]:
        return told.at is not None and bool(row["at"] > before.at)
    return told.at is None or bool(row["at"] >= before.at)


def _is_ours(withdrawal: Row[Any]) -> bool:
    return bool(withdrawal.recorded_by != IMPORT)


def _left_open(row: Mapping[str, Any], before: Said) -> str | None:
    """A yes of a feed is no yes to offers for somebody who told us that they want none."""
    stands = row["given"] and any(_is_ours(each) for each in before.withdrawals)
    return Purpose.REMINDERS if stands else None


def _answers(given: Row[Any], withdrawal: Row[Any]) -> bool:
    return given.purpose is None or given.purpose == withdrawal.purpose


_SAID: Final = (
    *("customer_id", "medium", "given", "at", "purpose", "source", "address_id", "recorded_by"),
)
_IN_ORDER = (
    select(*(_CONSENT.c[name] for name in _SAID))
    .where(_CONSENT.c.customer_id.in_(GIVEN))
    .order_by(_CONSENT.c.at, _CONSENT.c.id)
)
