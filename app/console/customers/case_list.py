"""The list of cases: who owes longest, and whom something holds. It only reads.

It goes along an index of what is open by its day, so a page costs the same in a book of any size.
A filter by few customers goes by those instead. A page is found by cases alone: what stands beside
them on it is read for its fifty lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlmodel import Session

from app.book.finding.search import Found
from app.console.customers.case_filters import (
    INDEXED,
    By,
    Set,
    are_few,
    filters,
    is_among,
    is_closed,
    sets,
)
from app.console.lists import Asked, Listed, Listing, Sort
from app.store.columns import NOTHING, Filtered, word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Case, Creditor, Customer, Hold, Invoice
from campaigns.money import Money

FEW: Final = 5000
"""A filter that finds no more customers than these goes by them, and sorts what it found."""

_CASE, _CUSTOMER, _CREDITOR = table_of(Case), table_of(Customer), table_of(Creditor)
_HOLD, _INVOICE = table_of(Hold), table_of(Invoice)
_BY_ID: Final = Sort((_CASE.c.id,), descending=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the list, with what its customer owes and what holds their person."""

    row: Row[Any]
    balances: Sequence[Money]
    holds: Sequence[str]
    days: int

    @property
    def name(self) -> str:
        return str(self.row.name or self.row.number)


def read_cases(
    session: Session, asked: Asked, by: By, *, few: int = FEW
) -> tuple[Listed, list[Line]]:
    """The page of cases that the URL asks for."""
    listed = _listing(session, asked, by, few).read(session, asked)
    told = {row.id: row for row in rows_given(session, _TOLD, [row.id for row in listed.rows])}
    rows = [told[row.id] for row in listed.rows if row.id in told]  # one may go in between
    owed = balances(session, sorted({row.customer_id for row in rows}))
    held = _holds(session, sorted({row.person_id for row in rows}))
    lines = [
        Line(
            row,
            owed.get(row.customer_id, ()),
            held.get(row.person_id, ()),
            (by.today - row.anchor_on).days,
        )
        for row in rows
    ]
    return listed, lines


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A customer who was found, by what, what they owe, and their open cases' reasons."""

    row: Row[Any]
    means: str
    balances: Sequence[Money]
    cases: Sequence[Row[Any]]

    @property
    def name(self) -> str:
        return str(self.row.name or self.row.number)


def found_lines(session: Session, found: Sequence[Found]) -> list[FoundLine]:
    """The customers whom a search found, in its order."""
    ids = [one.customer_id for one in found]
    rows = {row.id: row for row in rows_given(session, _FOUND, sorted(ids))}
    owed = balances(session, sorted(ids))
    cases: dict[int, list[Row[Any]]] = {}
    for row in rows_given(session, _OPEN_OF, sorted(ids)):
        cases.setdefault(row.customer_id, []).append(row)
    return [
        FoundLine(
            rows[one.customer_id],
            str(one.means),
            owed.get(one.customer_id, ()),
            cases.get(one.customer_id, ()),
        )
        for one in found
        if one.customer_id in rows
    ]


def balances(session: Session, customer_ids: Sequence[int]) -> Mapping[int, tuple[Money, ...]]:
    """What these customers owe, by currency: never added across."""
    found: dict[int, list[Money]] = {}
    for row in rows_given(session, _OWED, customer_ids):
        found.setdefault(row.customer_id, []).append(Money(int(row.minor), row.currency))
    return {id_: tuple(moneys) for id_, moneys in found.items()}


def _listing(session: Session, asked: Asked, by: By, few: int) -> Listing:
    if is_closed(asked):
        return _closed(by)
    narrowing = sets(asked, by)
    lead = next((each for each in narrowing if are_few(session, each[1], few)), None)
    if lead is None:
        return _along_days(narrowing, by)
    return _of_few(lead, [each for each in narrowing if each is not lead], by)


def _closed(by: By) -> Listing:
    """The latest first; they have no index of their own, so a page looks at so many cases."""
    wanted = {**filters(by.today), "phase": lambda _: None}
    query = _CASES.where(_CASE.c.phase == "closed")
    return Listing(query, {"newest": _BY_ID}, wanted, along=select(_CASE.c.id))


def _of_few(lead: Set, narrowing: Sequence[Set], by: By) -> Listing:
    """The open cases of few customers. Without their index of days SQLite goes by customer; and
    PostgreSQL, which would rather go along that index until it has met fifty of them, does as it
    is told by a set that is worked out before."""
    column, values = lead
    first = values.cte("few").prefix_with("MATERIALIZED")
    query = _CASES.where(
        Filtered(_CASE.c.phase) != word("closed"), _CASE.c[column].in_(select(first.c[0]))
    )
    return Listing(query.where(*map(is_among, narrowing)), _SORTS, filters(by.today))


def _along_days(narrowing: Sequence[Set], by: By) -> Listing:
    query = _CASES.where(_OPEN, *map(is_among, narrowing))
    along = select(_CASE.c.id).where(_OPEN)
    return Listing(query, _SORTS, filters(by.today), along=along, found=INDEXED)


def _holds(session: Session, person_ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in rows_given(session, _HELD, person_ids):
        kinds = found.setdefault(row.person_id, [])
        if row.kind not in kinds:
            kinds.append(row.kind)
    return found


_OPEN: Final = _CASE.c.phase != word("closed")
_CASES: Final = select(_CASE.c.id, _CASE.c.anchor_on)
_TOLD: Final = (
    select(
        _CASE.c.id,
        _CASE.c.anchor_on,
        _CASE.c.customer_id,
        _CASE.c.person_id,
        _CASE.c.phase,
        _CASE.c.arm,
        _CASE.c.outcome,
        _CASE.c.next_step,
        _CASE.c.look_at,
        _CASE.c.reason,
        _CASE.c.reason_params,
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
        _CUSTOMER.c.locale,
        _CUSTOMER.c.preferred_medium.label("medium"),
        _CUSTOMER.c.erased_at,
        _CREDITOR.c.name.label("creditor"),
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _CASE.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CASE.c.creditor_id)
    .where(_CASE.c.id.in_(GIVEN))
)
_SORTS: Final = {
    "longest": Sort((_CASE.c.anchor_on, _CASE.c.id)),
    "latest": Sort((_CASE.c.anchor_on, _CASE.c.id), descending=True),
}
_OWED: Final = (
    select(
        _INVOICE.c.customer_id, _INVOICE.c.currency, func.sum(_INVOICE.c.open_minor).label("minor")
    )
    .where(_INVOICE.c.customer_id.in_(GIVEN), Filtered(_INVOICE.c.open_minor) > NOTHING)
    .group_by(_INVOICE.c.customer_id, _INVOICE.c.currency)
    .order_by(_INVOICE.c.customer_id, _INVOICE.c.currency)
)
_FOUND: Final = (
    select(
        _CUSTOMER.c.id,
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
        _CUSTOMER.c.locale,
        _CUSTOMER.c.erased_at,
        _CREDITOR.c.name.label("creditor"),
    )
    .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .where(_CUSTOMER.c.id.in_(GIVEN))
)
_OPEN_OF: Final = (
    select(_CASE.c.id, _CASE.c.customer_id, _CASE.c.reason, _CASE.c.reason_params)
    .where(_CASE.c.customer_id.in_(GIVEN), Filtered(_CASE.c.phase) != word("closed"))
    .order_by(_CASE.c.id)
)
_HELD: Final = (
    select(_HOLD.c.person_id, _HOLD.c.kind)
    .where(_HOLD.c.person_id.in_(GIVEN), _HOLD.c.released_at.is_(None))
    .order_by(_HOLD.c.id)
)
