"""The lists behind what is counted by the day or as it stands: each row that a figure counts once.

They are made of the rows that the figures count, and go along the index of the instant that those
are counted by. They only read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    func,
    literal,
    select,
    true,
    union_all,
)

from app.console.codes import HOLDS
from app.console.figures.behind import KEPT, WITHOUT, Days, equal, number, on
from app.console.figures.names import ARMS, ASKED, COMPLAINTS, GIVEN_HELP, PLAN_STATES, SETTLED
from app.console.lists import Filter, Listing, Sort
from app.console.queues.words import DISPUTED
from app.figures.happenings import HAPPENED, HELD_CUSTOMERS, Rows, Span, rows_of
from app.figures.names import Daily, Standing
from app.figures.reports.survival import BROKEN
from app.figures.whole_book import IS_SETTLED_SOON, PLAN_COUNTS
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Case, Customer, Dispute, Hold, Instalment, Plan, Promise
from app.web.catalogues import N_

_CUSTOMER, _CASE, _HOLD = table_of(Customer), table_of(Case), table_of(Hold)
_DISPUTE, _PROMISE = table_of(Dispute), table_of(Promise)
_PLAN, _INSTALMENT = table_of(Plan), table_of(Instalment)

NAMES: Final[Mapping[str, str]] = {
    Daily.REPLIES: N_("Replies"),
    Daily.COLLECTED_AFTER: N_("Payments"),
    Daily.PROMISES_MADE: N_("Promises made"),
    Daily.PROMISES_KEPT: N_("Promises kept"),
    Daily.PROMISES_BROKEN: N_("Promises broken"),
    Daily.PLANS_AGREED: N_("Plans agreed"),
    Daily.DISPUTES: N_("Disputes"),
    Daily.COMPLAINTS: N_("Complaints"),
    Daily.HELP_ASKED: N_("Help asked for"),
    Daily.HELP_GIVEN: N_("Help given"),
    Daily.OPTED_OUT: N_("Opt-outs"),
    Standing.HELD: N_("Customers on hold"),
    Standing.DISPUTED: N_("Disputed invoices"),
    Standing.PROMISED: N_("Open promises"),
    Standing.PLANS: N_("Plans"),
    Standing.ARMS: N_("Cases, by when they opened"),
}
ABOUT: Final[Mapping[str, Mapping[str, str]]] = {
    Daily.COLLECTED_AFTER: ARMS,
    Daily.DISPUTES: DISPUTED,
    Standing.DISPUTED: DISPUTED,
    Daily.COMPLAINTS: COMPLAINTS,
    Daily.HELP_ASKED: ASKED,
    Daily.HELP_GIVEN: GIVEN_HELP,
    Standing.HELD: HOLDS,
    Standing.PLANS: PLAN_STATES,
    Standing.ARMS: SETTLED,
}
"""What the kinds of a list are called, where it tells them."""


class _AnyDay:
    """What stands is counted whenever it began."""

    def hold(self, _: Column[Any]) -> ColumnElement[bool]:
        return true()

    def paid_after(self, at: Column[Any]) -> ColumnElement[Any]:
        return at


@dataclass(frozen=True, slots=True)
class _Stands:
    """Rows that are counted as they stand. With `days`, those that began in them, in UTC."""

    rows: Rows
    by_day: bool = False


def _held(_: Span) -> Any:
    """A customer once for each kind of hold that is on, by the first of it."""
    on_hold = rows_of(
        _HOLD.c.placed_at,
        _HOLD.c.released_at.is_(None),
        customer=HELD_CUSTOMERS,
        about=_HOLD.c.kind,
    )
    held = on_hold(_AnyDay()).subquery()
    first = ("at", "id")
    firsts = (func.min(held.c[name]).label(name) for name in first)
    same = [column for column in held.c if column.name not in first]
    return select(*firsts, *same).group_by(*same)


_STANDING: Final[Mapping[str, _Stands]] = {
    Standing.HELD: _Stands(_held),
    Standing.DISPUTED: _Stands(
        rows_of(_DISPUTE.c.opened_at, _DISPUTE.c.state == word("open"), about=_DISPUTE.c.kind)
    ),
    Standing.PROMISED: _Stands(
        rows_of(_PROMISE.c.made_at, _PROMISE.c.state == word("open"), money=True)
    ),
    Standing.PLANS: _Stands(rows_of(_PLAN.c.agreed_at, PLAN_COUNTS, about=_PLAN.c.state)),
    Standing.ARMS: _Stands(rows_of(_CASE.c.opened_at, about=IS_SETTLED_SOON), by_day=True),
}


def is_of_days(what: str) -> bool:
    """Whether the days of the list narrow it; else it is what stands, whatever the day."""
    return what not in _STANDING or _STANDING[what].by_day


def happened(what: str, days: Days) -> Listing:
    """The rows that this figure counts, the latest first."""
    sources = [
        rows.add_columns(literal(rank, Integer).label("rank"))
        for rank, rows in enumerate(_rows(what, days))
    ]
    found: Any = union_all(*sources).subquery()
    query: Select[Any] = select(
        found,
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
    ).join(_CUSTOMER, _CUSTOMER.c.id == found.c.customer_id)
    by: tuple[Any, ...] = (found.c.at, found.c.rank, found.c.id, found.c.customer_id)
    return Listing(
        query, {"latest": Sort(by, descending=True)}, _filters(what, found), along=select(*by),
        found=frozenset({*KEPT, "what"}),
    )  # fmt: skip


def _rows(what: str, days: Days) -> Sequence[Any]:
    if what not in _STANDING:
        return [one.rows(days) for one in HAPPENED if one.figure == what]
    stands = _STANDING[what]
    return [stands.rows(replace(days, zone="UTC") if stands.by_day else _AnyDay())]


def _filters(what: str, found: Any) -> Mapping[str, Filter]:
    filters: dict[str, Filter] = {
        **KEPT,
        "what": lambda _: None,
        "creditor": number(found.c.creditor_id),
        "about": equal(found.c.about),
        "medium": lambda told: found.c.medium == ("" if told == WITHOUT else told[:80]),
        "currency": equal(found.c.currency),
    }
    match what:
        case Standing.PROMISED:
            filters["due_from"] = on(lambda day: found.c.due_on >= day)
            filters["due_to"] = on(lambda day: found.c.due_on <= day)
        case Standing.PLANS:
            filters["reached"] = lambda told: _reached(told, found)
            filters["broke"] = lambda told: _broke(told, found)
        case Standing.ARMS:
            filters["campaign"] = lambda told: _of_case(found, number(_CASE.c.campaign_id)(told))
            filters["arm"] = lambda told: _of_case(found, equal(_CASE.c.arm)(told))
        case _:
            pass
    return filters


def _reached(told: str, found: Any) -> ColumnElement[bool] | None:
    """Plans that came up to an instalment: it was paid, or they broke there."""
    broke = _broke(told, found)
    return None if broke is None else broke | (_paid_of(found) >= int(told))


def _broke(told: str, found: Any) -> ColumnElement[bool] | None:
    there = number(_paid_of(found) + 1)(told)
    return None if there is None else there & (found.c.about == BROKEN)


def _paid_of(found: Any) -> ColumnElement[int]:
    """How many instalments of a plan were paid."""
    return (
        select(func.count())
        .where(_INSTALMENT.c.plan_id == found.c.id, _INSTALMENT.c.state == "paid")
        .scalar_subquery()
    )


def _of_case(found: Any, condition: ColumnElement[bool] | None) -> ColumnElement[bool] | None:
    if condition is None:
        return None
    return select(_CASE.c.id).where(_CASE.c.id == found.c.id, condition).exists()
