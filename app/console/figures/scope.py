"""Of whom, in which currency and of which time a page tells: it stands in the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session

from app.figures.names import Family
from app.store.given import table_of
from app.store.rows import Creditor, DailyFigure, StandingFigure

_CREDITOR, _STANDING = table_of(Creditor), table_of(StandingFigure)
_DAILY = table_of(DailyFigure)
LONGEST: Final = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Scope:
    """`creditor_id` None: all of them. `first` to `last` are days, both with them."""

    creditors: Sequence[Row[Any]]
    currencies: Sequence[str]
    creditor_id: int | None
    currency: str
    first: date
    last: date
    today: date

    @property
    def creditor_ids(self) -> Sequence[int] | None:
        return None if self.creditor_id is None else [self.creditor_id]

    @property
    def only_creditor_id(self) -> int | None:
        """The chosen creditor, or the only one that there is."""
        alone = self.creditors[0].id if len(self.creditors) == 1 else None
        return self.creditor_id or alone

    @property
    def months(self) -> tuple[str, str]:
        """Of the first and of the last day."""
        return f"{self.first:%Y-%m}", f"{self.last:%Y-%m}"

    def query(self, **more: str) -> str:
        """The same scope as a URL query, with more asked for."""
        told = {
            "creditor": str(self.creditor_id or ""),
            "currency": self.currency,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            **more,
        }
        return "?" + urlencode({name: value for name, value in told.items() if value})


def scope_of(
    session: Session,
    asked: Mapping[str, str],
    today: date,
    *,
    days: int,
    by_day: bool = False,
) -> Scope:
    """What the URL asks for. What makes no sense there is the usual: all creditors, the currency
    that most of them bill in, the last `days` days; `by_day`, no more than there are figures of.
    """
    creditors = session.connection().execute(_CREDITORS).all()
    ids = {str(row.id): row.id for row in creditors}
    creditor_id = ids.get(asked.get("creditor", ""))
    known = _currencies(session, creditors, creditor_id)
    wanted = asked.get("currency", "")
    last = min(_day(asked.get("to", ""), today), today)
    usual = last - timedelta(days=days - 1)
    begun = (_since(session, creditor_id) if by_day else None) or usual
    first = _day(asked.get("from", ""), max(usual, begun))
    if first > last or last - first > LONGEST:
        first = min(usual, last)
    return Scope(
        creditors,
        known,
        creditor_id,
        wanted if wanted in known else (known[0] if known else ""),
        first,
        last,
        today,
    )


def _currencies(
    session: Session, creditors: Sequence[Row[Any]], creditor_id: int | None
) -> list[str]:
    """Those that are billed in, the creditors' own before the others."""
    chosen = [row for row in creditors if creditor_id in (None, row.id)]
    own = [row.currency for row in chosen]
    query = _BILLED_IN if creditor_id is None else _BILLED_IN.where(
        _STANDING.c.creditor_id == creditor_id
    )  # fmt: skip
    billed = session.connection().execute(query).scalars().all()
    return sorted({*own, *billed}, key=lambda each: (-own.count(each), each))


def _since(session: Session, creditor_id: int | None) -> date | None:
    """The first day of which there is any figure."""
    query = select(func.min(_DAILY.c.day))
    if creditor_id is not None:
        query = query.where(_DAILY.c.creditor_id == creditor_id)
    found: date | None = session.connection().execute(query).scalar_one()
    return found


def _day(told: str, usual: date) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return usual


_CREDITORS: Final[Select[Any]] = select(
    _CREDITOR.c.id, _CREDITOR.c.name, _CREDITOR.c.currency, _CREDITOR.c.zone
).order_by(_CREDITOR.c.name, _CREDITOR.c.id)
_BILLED_IN: Final = (
    select(_STANDING.c.currency)
    .where(_STANDING.c.family == Family.BOOK, _STANDING.c.currency != "")
    .distinct()
)
