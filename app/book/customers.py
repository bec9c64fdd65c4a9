"""Puts customers into the book, many at once, with their persons. What a row does not say stays,
and so does what a customer chose themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.choices import contradicted, note_contradictions
from app.book.entries.shapes import CustomerEntry
from app.book.finding.kept_words import keep_words
from app.book.holders import wake_customers
from app.store.bulk import insert_new, insert_returning_ids, update_rows
from app.store.given import chunks, ids_where, table_of
from app.store.guard import lock_persons, raise_revisions
from app.store.rows import Customer, Person
from campaigns.keys import derive

_CUSTOMER = table_of(Customer)
_FOUND_BY = frozenset({"name", "given_name", "family_name"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose customers these are."""

    id: int
    external_id: str
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class CustomersUpserted:
    """`ids` and `persons` by external id; the sets hold external ids. `chosen` has the columns in
    which the feed says otherwise than the customer did, who counts."""

    ids: Mapping[str, int]
    persons: Mapping[str, int]
    added: frozenset[str]
    changed: frozenset[str]
    erased: frozenset[str]
    chosen: Mapping[str, tuple[str, ...]]


def upsert_customers(
    session: Session, owner: Owner, entries: Sequence[CustomerEntry], *, now: datetime
) -> CustomersUpserted:
    """Adds new customers and changes what differs; locks the guards of all their persons.

    Entries hold each customer once. The person is fixed when the customer is added: a row never
    moves a customer to another person, because caps and stops would move with it.
    Who was erased stays without a name, whatever a row says.
    """
    names = [entry.external_id for entry in entries]
    rows = _load(session, owner.id, names)
    persons = _persons(session, owner, entries, rows)
    lock_persons(session, persons.values())
    if session.get_bind().dialect.name != "sqlite":  # whose only writer we are
        rows = _load(session, owner.id, names)  # another may have written while we waited
    new = [entry for entry in entries if entry.external_id not in rows]
    erased = frozenset(name for name, row in rows.items() if row.erased_at is not None)
    against = {
        entry.external_id: found
        for entry in entries
        if entry.external_id in rows.keys() - erased
        and (found := contradicted(rows[entry.external_id], entry.values))
    }
    note_contradictions(session, [(rows[name].id, told) for name, told in against.items()], now)
    changes = [
        change
        for entry in entries
        if entry.external_id in rows.keys() - erased
        and (change := _change(entry, rows[entry.external_id]))
    ]
    ids = {external_id: row.id for external_id, row in rows.items()}
    ids |= _add(session, owner, new, persons, now)
    _change_all(session, changes, rows, now)
    changed = {change["id"] for change in changes}
    renamed = {change["id"] for change in changes if _FOUND_BY & change.keys()}
    keep_words(session, renamed, new={ids[entry.external_id] for entry in new})
    return CustomersUpserted(
        ids=ids,
        persons=persons,
        added=frozenset(entry.external_id for entry in new),
        changed=frozenset(name for name, row in rows.items() if row.id in changed),
        erased=erased,
        chosen={name: tuple(sorted(told)) for name, told in against.items()},
    )


def _load(session: Session, owner_id: int, external_ids: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for part in chunks(sorted(set(external_ids))):
        query = select(_CUSTOMER).where(
            _CUSTOMER.c.creditor_id == owner_id, _CUSTOMER.c.external_id.in_(part)
        )
        found.update({row.external_id: row for row in session.connection().execute(query)})
    return found


def _change(entry: CustomerEntry, row: Row[Any]) -> dict[str, Any] | None:
    chosen = row.chosen or {}
    told = {
        **{name: value for name, value in entry.values.items() if name not in chosen},
        "postal": {**row.postal, **entry.values.get("postal", {})},
        "custom": {**row.custom, **entry.custom},
    }
    differs = {name: value for name, value in told.items() if row._mapping[name] != value}
    return {"id": row.id, **differs} if differs else None


def _change_all(
    session: Session,
    changes: Sequence[dict[str, Any]],
    rows: Mapping[str, Row[Any]],
    now: datetime,
) -> None:
    """Writes the changes in one shape. Where and in which tongue we write is asked anew."""
    columns = sorted({name for change in changes for name in change} - {"id"})
    by_id = {row.id: row for row in rows.values()}
    update_rows(
        session,
        Customer,
        [
            {"id": change["id"]}
            | {name: change.get(name, by_id[change["id"]]._mapping[name]) for name in columns}
            for change in changes
        ],
    )
    raise_revisions(session, (by_id[change["id"]].person_id for change in changes))
    wake_customers(session, (change["id"] for change in changes), now=now)


def _persons(
    session: Session,
    owner: Owner,
    entries: Sequence[CustomerEntry],
    known: Mapping[str, Row[Any]],
) -> dict[str, int]:
    """The person of each customer; those of new customers are added where they are new too."""
    keys = {e.external_id: _person_key(owner, e) for e in entries if e.external_id not in known}
    insert_new(session, Person, [{"key": key} for key in dict.fromkeys(keys.values())])
    ids = ids_where(session, Person, "key", set(keys.values()))
    found = {name: row.person_id for name, row in known.items()}
    return found | {name: ids[key] for name, key in keys.items()}


def _add(
    session: Session,
    owner: Owner,
    entries: Sequence[CustomerEntry],
    persons: Mapping[str, int],
    now: datetime,
) -> dict[str, int]:
    rows = [
        {
            "creditor_id": owner.id,
            "person_id": persons[entry.external_id],
            "external_id": entry.external_id,
            "created_at": now,
            **entry.values,
            "custom": dict(entry.custom),
        }
        for entry in entries
    ]
    ids = insert_returning_ids(session, Customer, _one_shape(rows))
    return {entry.external_id: made for entry, made in zip(entries, ids, strict=True)}


def _one_shape(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that say different things, with None or the column's default where one says nothing."""
    columns = {name for row in rows for name in row}
    fields = Customer.model_fields.items()
    usual = {name: field.get_default(call_default_factory=True) for name, field in fields}
    return [{name: row.get(name, usual.get(name)) for name in columns} for row in rows]


def _person_key(owner: Owner, entry: CustomerEntry) -> str:
    """The ERP's own key for a person links creditors; a hash, because it may be a tax number."""
    if entry.person is not None:
        return derive("person", entry.person)
    return derive("person", owner.external_id, entry.external_id)
