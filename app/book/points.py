"""Puts addresses into the book. A feed never gives back what a customer took away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session

from app.book.entries.shapes import PointEntry
from app.book.withheld import suppress_withheld
from app.store.bulk import insert_new, insert_rows, update_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Address, ContactPoint, Suppression

_ADDRESS = table_of(Address)
_POINT = table_of(ContactPoint)
_SUPPRESSION = table_of(Suppression)
_Known = tuple[str, str]
_Use = tuple[str, int]  # medium, address


@dataclass(frozen=True, slots=True)
class PointsTold:
    """What a row says of the addresses of a customer, or of the human `contact_id`.

    `replaces`: whose addresses on the same media are not among them is no longer reached there.
    """

    customer_id: int
    contact_id: int | None
    points: tuple[PointEntry, ...]
    replaces: bool


@dataclass(slots=True)
class PointsChanged:
    """Counts, and the customers for whom something is different now."""

    added: int = 0
    retired: int = 0
    customers: set[int] = field(default_factory=set)


def tell_points(
    session: Session, told: Sequence[PointsTold], *, secret: bytes | None, now: datetime
) -> PointsChanged:
    """Adds addresses, and retires those that they replace.

    An address that came back is used again, unless it is suppressed. One that a human's row names
    becomes the human's; of two humans the first keeps it. An address that was erased and is brought
    again is closed again: `secret` recognises it. Call it while the persons' guards are held.

    Raises `SecretNeeded`.
    """
    named = {(str(point.kind), point.value) for each in told for point in each.points}
    if not named:
        return PointsChanged()
    addresses = _addresses(session, sorted(named))
    customers: dict[int, list[PointsTold]] = defaultdict(list)
    for each in told:
        customers[each.customer_id].append(each)
    known = _points(session, list(customers))
    suppressed = _suppressed(session, set(addresses.values()))
    changes = [
        _Change(known[customer_id], each, addresses, suppressed)
        for customer_id, each in customers.items()
    ]
    added = [row for change in changes for row in change.added()]
    changed = [row for change in changes for row in change.changed()]
    used = {row["address_id"] for row in added}
    brought = {name: id_ for name, id_ in addresses.items() if id_ in used}
    suppress_withheld(session, secret, brought, now)
    insert_rows(session, ContactPoint, added)
    update_rows(session, ContactPoint, [{**row.values, "id": row.id} for row in changed])
    return PointsChanged(
        added=len(added) + sum(row.switched is True for row in changed),
        retired=sum(row.switched is False for row in changed),
        customers={row["customer_id"] for row in added} | {row.customer_id for row in changed},
    )


@dataclass(frozen=True, slots=True)
class _Changed:
    """`switched` is None where a point only changed hands, or its place became known."""

    id: int
    customer_id: int
    values: dict[str, Any]
    switched: bool | None


class _Change:
    """What becomes of one customer's points."""

    def __init__(
        self,
        known: Sequence[Row[Any]],
        told: Sequence[PointsTold],
        addresses: Mapping[_Known, int],
        suppressed: set[int],
    ) -> None:
        self._known = {(row.medium, row.address_id): row for row in known}
        self._customer_id = told[0].customer_id
        self._suppressed = suppressed
        self._wanted: dict[_Use, int | None] = {}
        self._places: dict[_Use, str] = {}
        self._replaced: set[tuple[int | None, str]] = set()
        # Humans first: what they name is theirs.
        for each in sorted(told, key=lambda each: each.contact_id is None):
            for point in each.points:
                for medium in point.media:
                    use = (str(medium), addresses[str(point.kind), point.value])
                    self._wanted.setdefault(use, each.contact_id)
                    if point.place is not None:
                        self._places.setdefault(use, point.place)
                    if each.replaces:
                        self._replaced.add((each.contact_id, str(medium)))

    def added(self) -> Iterator[dict[str, Any]]:
        for (medium, address_id), contact_id in self._wanted.items():
            if (medium, address_id) not in self._known:
                yield {
                    "customer_id": self._customer_id,
                    "contact_id": contact_id,
                    "medium": medium,
                    "address_id": address_id,
                    "place": self._places.get((medium, address_id)),
                }

    def changed(self) -> Iterator[_Changed]:
        for use, row in self._known.items():
            active = self._active(use, row)
            contact_id = self._holder(use, row)
            place = self._places.get(use, row.place)
            if (active, contact_id, place) != (row.active, row.contact_id, row.place):
                switched = None if active == row.active else active
                values = {"active": active, "contact_id": contact_id, "place": place}
                yield _Changed(row.id, self._customer_id, values, switched)

    def _active(self, use: _Use, row: Row[Any]) -> bool:
        if use in self._wanted:
            return bool(row.active) or row.address_id not in self._suppressed
        return bool(row.active) and (row.contact_id, row.medium) not in self._replaced

    def _holder(self, use: _Use, row: Row[Any]) -> int | None:
        told: int | None = self._wanted.get(use)
        held: int | None = row.contact_id
        if told is None or held is None:
            return told or held
        let_go = not row.active or (held, row.medium) in self._replaced
        return told if let_go else held


def _addresses(session: Session, named: Sequence[_Known]) -> dict[_Known, int]:
    """The ids of addresses; those that are not there yet are added."""
    found = _address_ids(session, named)
    missing = [address for address in named if address not in found]
    if not missing:
        return found
    rows = [{"kind": kind, "value": value} for kind, value in missing]
    insert_new(session, Address, rows, unique="value", within=("kind",))
    return found | _address_ids(session, missing)


def _address_ids(session: Session, named: Sequence[_Known]) -> dict[_Known, int]:
    return {
        (kind, row.value): row.id
        for kind in sorted({kind for kind, _ in named})
        for row in rows_given(
            session, _OF_KIND, [value for of_kind, value in named if of_kind == kind], kind=kind
        )
    }


def _points(session: Session, customer_ids: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows_given(session, _OF_CUSTOMERS, customer_ids):
        found[row.customer_id].append(row)
    return found


def _suppressed(session: Session, address_ids: set[int]) -> set[int]:
    return {row.address_id for row in rows_given(session, _STOPPED, sorted(address_ids))}


_OF_KIND = select(_ADDRESS.c.value, _ADDRESS.c.id).where(
    _ADDRESS.c.kind == bindparam("kind"), _ADDRESS.c.value.in_(GIVEN)
)
_OF_CUSTOMERS = select(_POINT).where(_POINT.c.customer_id.in_(GIVEN)).order_by(_POINT.c.id)
_STOPPED = select(_SUPPRESSION.c.address_id).where(
    _SUPPRESSION.c.address_id.in_(GIVEN), _SUPPRESSION.c.lifted_at.is_(None)
)
