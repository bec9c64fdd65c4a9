"""Reads the figures that are kept, for pages: sums over creditors and days, never a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session

from app.figures.names import Daily, Family, Standing
from app.figures.reports.outstanding import Ledger
from app.store.given import table_of
from app.store.rows import DailyFigure, FigureDay, FigureMark, StandingFigure

_DAILY, _STANDING = table_of(DailyFigure), table_of(StandingFigure)
_DAY, _MARK = table_of(FigureDay), table_of(FigureMark)

Creditors = Sequence[int] | None
"""Of these creditors; None: of all."""


def daily(
    session: Session,
    figures: Sequence[Daily],
    first: date,
    last: date,
    *by: str,
    creditors: Creditors = None,
    currency: str | None = None,
    medium: str | None = None,
) -> list[Row[Any]]:
    """`figure`, the columns `by`, `number` and `amount` of the days from first to last."""
    columns = [_DAILY.c[name] for name in ("figure", *by)]
    query = _summed(_DAILY, columns).where(
        _DAILY.c.day >= first, _DAILY.c.day <= last, _DAILY.c.figure.in_(figures)
    )
    if medium is not None:
        query = query.where(_DAILY.c.medium == medium)
    return _asked(session, _of(query, _DAILY, creditors, currency))


def standing(
    session: Session,
    figures: Sequence[Standing],
    *by: str,
    creditors: Creditors = None,
    currency: str | None = None,
) -> list[Row[Any]]:
    """`figure`, the columns `by`, `number` and `amount` of what stands now."""
    columns = [_STANDING.c[name] for name in ("figure", *by)]
    query = _summed(_STANDING, columns).where(
        _STANDING.c.family.in_({_FAMILY[figure] for figure in figures}),
        _STANDING.c.figure.in_(figures),
    )
    return _asked(session, _of(query, _STANDING, creditors, currency))


def _summed(table: Any, columns: Sequence[Any]) -> Select[Any]:
    sums = (
        func.sum(table.c.number).label("number"),
        func.sum(table.c.amount_minor).label("amount"),
    )
    return select(*columns, *sums).group_by(*columns).order_by(*columns)


def _of(query: Select[Any], table: Any, creditors: Creditors, currency: str | None) -> Select[Any]:
    if creditors is not None:
        query = query.where(table.c.creditor_id.in_(creditors))
    if currency is not None:
        query = query.where(table.c.currency == currency)
    return query


def _asked(session: Session, query: Select[Any]) -> list[Row[Any]]:
    return list(session.connection().execute(query))


_FAMILY: Final = {
    **dict.fromkeys(
        (
            Standing.HELD,
            Standing.PROMISED,
            Standing.DISPUTED,
            Standing.TASKS,
            Standing.TASKS_LATE,
            Standing.DUE_MESSAGES,
        ),
        Family.OPEN_ITEMS,
    ),
    **dict.fromkeys((Standing.CASES, Standing.LOOKS), Family.CASES),
    **dict.fromkeys(
        (
            Standing.OPEN,
            Standing.BILLED,
            Standing.SETTLED,
            Standing.FELL_OVERDUE,
            Standing.RECOVERED,
            Standing.CREDITED,
            Standing.PLANS,
            Standing.ARMS,
        ),
        Family.BOOK,
    ),
}


@dataclass(frozen=True, slots=True)
class AsOf:
    """When the figures were counted; None: not yet."""

    today: datetime | None
    families: dict[Family, datetime | None]


def as_of(session: Session) -> AsOf:
    """The oldest count of the running days, and that of each family."""
    running = select(func.min(_DAY.c.counted_at)).where(
        _DAY.c.day == select(func.max(_DAY.c.day)).scalar_subquery()
    )
    marks = session.connection().execute(select(_MARK.c.family, _MARK.c.counted_at))
    told: dict[str, datetime | None] = {row.family: row.counted_at for row in marks}
    today: datetime | None = session.connection().execute(running).scalar_one()
    return AsOf(today, {family: told.get(family) for family in Family})


_LEDGER: Final = (
    Standing.BILLED,
    Standing.SETTLED,
    Standing.FELL_OVERDUE,
    Standing.RECOVERED,
    Standing.CREDITED,
)


def ledger_of(session: Session, creditors: Creditors, currency: str) -> Ledger:
    """The whole book of these creditors in a currency, by month."""
    months: dict[str, dict[str, int]] = defaultdict(dict)
    came: dict[tuple[str, int], int] = defaultdict(int)
    for row in standing(session, _LEDGER, "cohort", "age", creditors=creditors, currency=currency):
        if row.figure in (Standing.RECOVERED, Standing.CREDITED):
            came[row.cohort, row.age] += int(row.amount)
        else:
            months[row.figure][row.cohort] = int(row.amount)
    return Ledger(
        months[Standing.BILLED], months[Standing.SETTLED], months[Standing.FELL_OVERDUE], came
    )
