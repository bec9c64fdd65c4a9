"""Puts addresses and consents into the book. A feed never gives back what a customer took away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.book.customers import Owner
from app.book.days import start_of
from app.book.entries import ConsentEntry, CustomerEntry
from app.store.bulk import chunks, insert_rows, table_of, update_rows
from app.store.rows import Address, Consent, ContactPoint, Suppression

_ADDRESS = table_of(Address)
_CONSENT = table_of(Consent)
_POINT = table_of(ContactPoint)
_SUPPRESSION = table_of(Suppression)
_Known = tuple[str, str]


@dataclass(slots=True)
class ContactsTold:
    """Counts, and the customers for whom something is different now."""

    added: int = 0
    retired: int = 0
    consents: int = 0
    customers: set[int] = field(default_factory=set)


def tell_contacts(
    session: Session,
    owner: Owner,
    entries: Mapping[int, CustomerEntry],
    *,
    now: datetime,
) -> ContactsTold:
    """Adds the addresses and consents of `entries`, which are keyed by customer.

    A row's addresses replace the customer's others on the same medium, unless those belong to a
    named contact. An address that came back is used again, unless it is suppressed. Call it while
    the persons' guards are held.
    """
    told = ContactsTold()
    _tell_points(session, entries, told)
    _tell_consents(session, owner, entries, told, now)
    return told


def _tell_points(
    session: Session, entries: Mapping[int, CustomerEntry], told: ContactsTold
) -> None:
    named = {(str(point.kind), point.value) for e in entries.values() for point in e.points}
    if not named:
        return
    addresses = _addresses(session, sorted(named))
    points = _points(session, list(entries))
    suppressed = _suppressed(session, set(addresses.values()))
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for customer_id, entry in entries.items():
        wanted = {
            (str(medium), addresses[str(point.kind), point.value])
            for point in entry.points
            for medium in point.media
        }
        known = {(row.medium, row.address_id): row for row in points[customer_id]}
        for medium, address_id in sorted(wanted - set(known)):
            added.append({"customer_id": customer_id, "medium": medium, "address_id": address_id})
        changed += _switched(wanted, known, suppressed)
        if wanted - set(known):
            told.customers.add(customer_id)
    insert_rows(session, ContactPoint, added)
    update_rows(session, ContactPoint, [{k: c[k] for k in ("id", "active")} for c in changed])
    told.customers |= {change["customer_id"] for change in changed}
    told.added = len(added) + sum(change["active"] for change in changed)
    told.retired = sum(not change["active"] for change in changed)


def _switched(
    wanted: set[tuple[str, int]],
    known: Mapping[tuple[str, int], Row[Any]],
    suppressed: set[int],
) -> list[dict[str, Any]]:
    """The points that are used again, and those that another address has replaced."""
    media = {medium for medium, _ in wanted}
    found = []
    for point, row in known.items():
        back = point in wanted and not row.active and row.address_id not in suppressed
        gone = point not in wanted and row.active and row.medium in media and not row.contact_id
        if back or gone:
            found.append({"id": row.id, "customer_id": row.customer_id, "active": back})
    return found


def _addresses(session: Session, named: Sequence[_Known]) -> dict[_Known, int]:
    """The ids of addresses; those that are not there yet are added."""
    found = _address_ids(session, named)
    missing = [address for address in named if address not in found]
    if not missing:
        return found
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_ADDRESS).on_conflict_do_nothing(index_elements=["kind", "value"])
    session.connection().execute(
        statement, [{"kind": kind, "value": value, "valid": True} for kind, value in missing]
    )
    return found | _address_ids(session, missing)


def _address_ids(session: Session, named: Sequence[_Known]) -> dict[_Known, int]:
    found: dict[_Known, int] = {}
    for kind in sorted({kind for kind, _ in named}):
        for part in chunks([value for of_kind, value in named if of_kind == kind]):
            query = select(_ADDRESS.c.value, _ADDRESS.c.id).where(
                _ADDRESS.c.kind == kind, _ADDRESS.c.value.in_(part)
            )
            for row in session.connection().execute(query):
                found[kind, row.value] = row.id
    return found


def _points(session: Session, customer_ids: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for part in chunks(customer_ids):
        query = select(_POINT).where(_POINT.c.customer_id.in_(part)).order_by(_POINT.c.id)
        for row in session.connection().execute(query):
            found[row.customer_id].append(row)
    return found


def _suppressed(session: Session, address_ids: set[int]) -> set[int]:
    found: set[int] = set()
    for part in chunks(sorted(address_ids)):
        query = select(_SUPPRESSION.c.address_id).where(
            _SUPPRESSION.c.address_id.in_(part), _SUPPRESSION.c.lifted_at.is_(None)
        )
        found.update(session.connection().execute(query).scalars())
    return found


def _tell_consents(
    session: Session,
    owner: Owner,
    entries: Mapping[int, CustomerEntry],
    told: ContactsTold,
    now: datetime,
) -> None:
    asked = [customer_id for customer_id, entry in entries.items() if entry.consents]
    latest = _latest(session, asked)
    rows = []
    for customer_id in asked:
        for consent in entries[customer_id].consents:
            row = _consent(customer_id, consent, owner.zone, now)
            if _is_news(row, latest.get((customer_id, row["medium"])), consent):
                rows.append(row)
                told.customers.add(customer_id)
    insert_rows(session, Consent, rows)
    told.consents = len(rows)


def _latest(session: Session, customer_ids: Sequence[int]) -> dict[tuple[int, str], Row[Any]]:
    found: dict[tuple[int, str], Row[Any]] = {}
    for part in chunks(customer_ids):
        query = select(_CONSENT).where(_CONSENT.c.customer_id.in_(part))
        for row in session.connection().execute(query.order_by(_CONSENT.c.at, _CONSENT.c.id)):
            found[row.customer_id, row.medium] = row
    return found


def _consent(customer_id: int, told: ConsentEntry, zone: str, now: datetime) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "medium": str(told.medium),
        "given": told.given,
        "at": start_of(told.at, zone) if told.at else now,
        "source": told.source,
        "method": told.method,
        "evidence": told.evidence,
    }


def _is_news(row: Mapping[str, Any], latest: Row[Any] | None, told: ConsentEntry) -> bool:
    """Whether the ledger does not say so yet.

    A feed that says yes every night must not undo what the customer withdrew on the page: after a
    withdrawal, only a dated and later yes counts.
    """
    if latest is None:
        return True
    if latest.given == row["given"]:
        return False
    if row["given"]:
        return told.at is not None and row["at"] > latest.at
    return told.at is None or row["at"] >= latest.at
