"""The list of cases: who owes longest, and whom something holds. It only reads.

It goes along an index of what is open by its day, so a page costs the same in a book of any size.
A filter by few customers goes by those instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlmodel import Session

from app.book.finding.search import Found
from app.console.lists import Asked, Filter, Listed, Listing, Sort
from app.store.columns import NOTHING, Filtered, word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import (
    Case,
    Creditor,
    Customer,
    Dispute,
    Hardship,
    Hold,
    Invoice,
    Plan,
    Promise,
)
from campaigns.money import Money
from campaigns.vocabulary import HoldKind, Medium

FEW: Final = 5000
"""A filter that finds no more customers than these goes by them, and sorts what it found."""
PHASES: Final = ("ready", "pending", "waiting", "closed")
STANDING: Final = ("promise", "plan", "dispute", "hardship")
ANY: Final = "any"
_MOST_DAYS: Final = 36_500

_CASE, _CUSTOMER, _CREDITOR = table_of(Case), table_of(Customer), table_of(Creditor)
_DISPUTE, _HARDSHIP, _HOLD = table_of(Dispute), table_of(Hardship), table_of(Hold)
_INVOICE, _PLAN, _PROMISE = table_of(Invoice), table_of(Plan), table_of(Promise)
_CLOSED: Final = _CASE.c.phase == "closed"
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
    session: Session, asked: Asked, today: date, *, few: int = FEW
) -> tuple[Listed, list[Line]]:
    """The page of cases that the URL asks for."""
    listed = _listing(session, asked, today, few).read(session, asked)
    customers = sorted({row.customer_id for row in listed.rows})
    owed = balances(session, customers)
    held = _holds(session, sorted({row.person_id for row in listed.rows}))
    lines = [
        Line(
            row,
            owed.get(row.customer_id, ()),
            held.get(row.person_id, ()),
            (today - row.anchor_on).days,
        )
        for row in listed.rows
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


def _listing(session: Session, asked: Asked, today: date, few: int) -> Listing:
    if asked.get("phase") == "closed":
        return _closed(today)
    sets = _sets(asked)
    if any(_are_few(session, query, few) for _, query in sets):
        return _of_few(sets, today)
    return _along_days(sets, today)


def _closed(today: date) -> Listing:
    """The latest first; they have no index of their own, so a page looks at so many cases."""
    wanted = {**_filters(today), "phase": lambda _: None}
    query = _columns().where(_CLOSED)
    return Listing(query, {"newest": _BY_ID}, wanted, along=select(_CASE.c.id))


def _of_few(sets: Sequence[tuple[str, Select[Any]]], today: date) -> Listing:
    """The open cases of few customers. Without their index of days SQLite goes by customer."""
    query = _columns().where(Filtered(_CASE.c.phase) != word("closed"))
    for column, wanted in sets:
        query = query.where(_CASE.c[column].in_(wanted))
    return Listing(query, _SORTS, {**_filters(today), **_NAMED})


def _along_days(sets: Sequence[tuple[str, Select[Any]]], today: date) -> Listing:
    query, along = _columns().where(_OPEN), select(_CASE.c.id).where(_OPEN)
    for column, wanted in sets:
        own = wanted.subquery()
        query = query.where(select(own).where(own.c[0] == _CASE.c[column]).exists())
    filters = {**_filters(today), **_NAMED}
    return Listing(query, _SORTS, filters, along=along, found=_INDEXED)


def _sets(asked: Asked) -> list[tuple[str, Select[Any]]]:
    """What a filter is about that stands in rows of its own: a column of cases, and its values."""
    found: list[tuple[str, Select[Any]]] = []
    if asked.get("open") in _STANDING:
        found.append(("customer_id", _STANDING[asked["open"]]))
    kind = asked.get("held", "")
    if kind == ANY or kind in set(HoldKind):
        found.append(("person_id", _held_by(kind)))
    stopped = _STOPPED.get(asked.get("why", ""))
    return [*found, stopped] if stopped is not None else found


def _held_by(kind: str) -> Select[Any]:
    holds = select(_HOLD.c.person_id).where(_HOLD.c.released_at.is_(None))
    return holds if kind == ANY else holds.where(_HOLD.c.kind == kind)


def _are_few(session: Session, query: Select[Any], few: int) -> bool:
    first = query.limit(few + 1).subquery()
    count = select(func.count()).select_from(first)
    return session.connection().execute(count).scalar_one() <= few


def _columns() -> Select[Any]:
    return (
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
    )


def _filters(today: date) -> dict[str, Filter]:
    return {
        "creditor": lambda told: _CASE.c.creditor_id == int(told) if _is_number(told) else None,
        "over": lambda told: _days(told, today, least=True),
        "under": lambda told: _days(told, today, least=False),
        "phase": lambda told: Filtered(_CASE.c.phase) == told if told in PHASES else None,
        "why": lambda told: _CASE.c.reason == told,
        "language": lambda told: _CUSTOMER.c.locale.startswith(told[:2], autoescape=True),
        "medium": lambda told: (
            _CUSTOMER.c.preferred_medium == told if told in set(Medium) else None
        ),
    }


def _days(told: str, today: date, *, least: bool) -> ColumnElement[bool] | None:
    """Cases that are at least, or at most, so many days past due; −3 is before."""
    if not _is_number(told.removeprefix("-")) or abs(int(told)) > _MOST_DAYS:
        return None
    day = today - timedelta(days=int(told))
    return _CASE.c.anchor_on <= day if least else _CASE.c.anchor_on >= day


def _is_number(told: str) -> bool:
    return told.isascii() and told.isdecimal() and len(told) < 10


def _holds(session: Session, person_ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in rows_given(session, _HELD, person_ids):
        kinds = found.setdefault(row.person_id, [])
        if row.kind not in kinds:
            kinds.append(row.kind)
    return found


_OPEN: Final = _CASE.c.phase != word("closed")
_SORTS: Final = {
    "longest": Sort((_CASE.c.anchor_on, _CASE.c.id)),
    "latest": Sort((_CASE.c.anchor_on, _CASE.c.id), descending=True),
}
_INDEXED: Final = frozenset({"creditor", "over", "under"})
_NAMED: Final[Mapping[str, Filter]] = {"open": lambda _: None, "held": lambda _: None}
"""What `_sets` narrows by; here so that the URL keeps it."""
_STANDING: Final[Mapping[str, Select[Any]]] = {
    "promise": select(_PROMISE.c.customer_id).where(_PROMISE.c.state == word("open")),
    "plan": select(_PLAN.c.customer_id).where(_PLAN.c.state == word("running")),
    "dispute": select(_DISPUTE.c.customer_id).where(_DISPUTE.c.state == word("open")),
    "hardship": select(_HARDSHIP.c.customer_id).where(_HARDSHIP.c.ended_at.is_(None)),
}
_STOPPED: Final[Mapping[str, tuple[str, Select[Any]]]] = {
    "promise_open": ("customer_id", _STANDING["promise"]),
    "plan_running": ("customer_id", _STANDING["plan"]),
    "dispute_open": ("customer_id", _STANDING["dispute"]),
    "hold": ("person_id", _held_by(ANY)),
    "reply_unread": ("person_id", _held_by(HoldKind.REPLY)),
    "payment_arriving": ("person_id", _held_by(HoldKind.PAYMENT)),
}
"""Reasons for which a case stands still that stand in rows of their own: few have those."""
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
