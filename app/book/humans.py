"""Puts the humans at a business into the book: who pays, who decides, who is copied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.entries.shapes import ContactEntry
from app.book.finding.kept_words import keep_words
from app.book.points import PointsTold
from app.store.bulk import insert_returning_ids, update_rows
from app.store.given import chunks, table_of
from app.store.rows import Contact

_CONTACT = table_of(Contact)
_Identity = tuple[str, str]
_MAY_CHANGE = ("name", "role", "locale")


@dataclass(slots=True)
class HumansUpserted:
    """`points` are their addresses, ready to be told."""

    added: int = 0
    changed: int = 0
    customers: set[int] = field(default_factory=set)
    points: list[PointsTold] = field(default_factory=list)


def upsert_humans(session: Session, told: Sequence[tuple[int, ContactEntry]]) -> HumansUpserted:
    """Adds new humans to their customers and changes what differs; each is told once.

    Call it while the persons' guards are held.
    """
    if not told:
        return HumansUpserted()
    known = _load(session, sorted({customer_id for customer_id, _ in told}))
    ids = {
        (customer_id, entry.identity): row.id
        for customer_id, entry in told
        if (row := known[customer_id].get(entry.identity)) is not None
    }
    new = [(customer, entry) for customer, entry in told if (customer, entry.identity) not in ids]
    made = insert_returning_ids(session, Contact, [_row(*each) for each in new])
    for (customer_id, entry), id_ in zip(new, made, strict=True):
        ids[customer_id, entry.identity] = id_
    changes = _changes(told, known)
    update_rows(session, Contact, [change for _, change in changes])
    customers = {customer_id for customer_id, _ in (*new, *changes)}
    keep_words(session, customers)
    return HumansUpserted(
        added=len(new),
        changed=len(changes),
        customers=customers,
        points=[
            PointsTold(customer_id, ids[customer_id, entry.identity], entry.points, replaces=True)
            for customer_id, entry in told
            if entry.points
        ],
    )


def _load(session: Session, customer_ids: Sequence[int]) -> Mapping[int, dict[_Identity, Row[Any]]]:
    """Each customer's humans, by all that one may be known by; the first keeps a name."""
    found: dict[int, dict[_Identity, Row[Any]]] = defaultdict(dict)
    for part in chunks(customer_ids):
        query = select(_CONTACT).where(_CONTACT.c.customer_id.in_(part)).order_by(_CONTACT.c.id)
        for row in session.connection().execute(query):
            entry = ContactEntry(row.external_id, row.name, row.role, row.locale, ())
            found[row.customer_id].setdefault(entry.identity, row)
    return found


def _row(customer_id: int, entry: ContactEntry) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "external_id": entry.external_id,
        "name": entry.name,
        "role": entry.role or "payables",
        "locale": entry.locale,
    }


def _changes(
    told: Sequence[tuple[int, ContactEntry]], known: Mapping[int, Mapping[_Identity, Row[Any]]]
) -> list[tuple[int, dict[str, Any]]]:
    """What a row says differently. What it does not say stays."""
    found = []
    for customer_id, entry in told:
        row = known[customer_id].get(entry.identity)
        if row is None:
            continue
        now = {name: getattr(entry, name) or row._mapping[name] for name in _MAY_CHANGE}
        if row.locale_chosen_at is not None:
            now["locale"] = row.locale
        if any(row._mapping[name] != value for name, value in now.items()):
            found.append((customer_id, {"id": row.id, **now}))
    return found
