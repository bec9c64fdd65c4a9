"""The lines of the audit trail as a list: by key, filtered from indexes alone."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs

from sqlalchemy import ColumnElement, Row, func, select
from sqlmodel import Session

from app.book.days import start_of
from app.book.formulas import neutral
from app.console.audit.names import KINDS
from app.console.lists import AFTER, Asked, Filter, Listing, Sort
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import ActLine, Case, Creditor, Customer, StaffUser

AT_ONCE: Final = 1000
COLUMNS: Final = ("number", "at", "by", "act", "about_kind", "about_id", "detail", "digest")
NAMELESS: Final[Mapping[str, str]] = MappingProxyType({})
_MOST_ACTS: Final = 500
_HIGHEST: Final = 2**62
_LINE, _USER = table_of(ActLine), table_of(StaffUser)
_CASE, _CREDITOR, _CUSTOMER = table_of(Case), table_of(Creditor), table_of(Customer)
_NEWEST: Final = Sort((_LINE.c.number,), descending=True)
_WITH_NAMES: Final = select(_LINE, _USER.c.name).outerjoin(_USER, _USER.c.id == _LINE.c.user_id)


def listing(zone: str, called: Mapping[str, str] = NAMELESS, *, page: int = 50) -> Listing:
    """The lines, the newest first. Days are those of this zone; `called` are the kinds of what acts
    are about, by what the reader calls them."""
    filters: dict[str, Filter] = {
        "by": lambda told: _LINE.c.by.in_({told.strip(), told.strip().casefold()}),
        "act": lambda told: _LINE.c.act == told.strip(),
        "about": lambda told: _is_about(told, called),
        "from": lambda told: _since(told, zone),
        "to": lambda told: _until(told, zone),
    }
    return Listing(_WITH_NAMES, {"newest": _NEWEST}, filters, page)


def known_acts(session: Session) -> Sequence[str]:
    """Every act that is on record: one look into the index each."""
    found: list[str] = []
    query = select(func.min(_LINE.c.act))
    last = ""
    while len(found) < _MOST_ACTS:
        name = session.connection().scalar(query.where(_LINE.c.act > last))
        if name is None:
            return found
        found.append(last := name)
    return found


def as_csv(
    database: Database,
    zone: str,
    asked: Asked,
    called: Mapping[str, str] = NAMELESS,
    *,
    at_once: int = AT_ONCE,
) -> Iterator[str]:
    """All lines that the filters leave, the newest first, page by page."""
    yield _rows([COLUMNS])
    lines, place = listing(zone, called, page=at_once), dict(asked)
    while True:
        with database.read() as session:
            listed = lines.read(session, place)
        yield _rows([_cells(row) for row in listed.rows])
        if not listed.rows or not listed.older:
            return
        place = {**asked, AFTER: _after(listed.older)}


def _is_about(told: str, called: Mapping[str, str]) -> ColumnElement[bool] | None:
    """`case` is about any, `case 7` about that one; a customer's number about them and their
    cases. Kinds go by what the reader calls them, and by the name that they are kept under."""
    word, _, number = told.strip().partition(" ")
    kind = called.get(word.casefold(), word)
    if kind not in KINDS:
        return _is_about_customer(told.strip()[:80])
    if not number:
        return _LINE.c.about_kind == kind
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return (_LINE.c.about_kind == kind) & (_LINE.c.about_id == int(number))


def _is_about_customer(number: str) -> ColumnElement[bool]:
    creditors = select(_CREDITOR.c.id)  # the index of numbers begins with them
    found = select(_CUSTOMER.c.id).where(
        _CUSTOMER.c.creditor_id.in_(creditors), _CUSTOMER.c.external_id == number
    )
    cases = select(_CASE.c.id).where(_CASE.c.customer_id.in_(found))
    of_customer = (_LINE.c.about_kind == "customer") & _LINE.c.about_id.in_(found)
    return of_customer | ((_LINE.c.about_kind == "dunning_case") & _LINE.c.about_id.in_(cases))


def _since(told: str, zone: str) -> ColumnElement[bool] | None:
    day = _day(told)
    return None if day is None else _LINE.c.number >= _first(start_of(day, zone))


def _until(told: str, zone: str) -> ColumnElement[bool] | None:
    """Up to the end of that day."""
    day = _day(told)
    if day is None:
        return None
    return _LINE.c.number < _first(start_of(day + timedelta(days=1), zone))


def _first(instant: datetime) -> ColumnElement[int]:
    """The number of the first line from an instant on. Numbers go with time, so a span of days is
    read from the index of numbers, in their order."""
    later = select(_LINE.c.number).where(_LINE.c.at >= instant)
    first = later.order_by(_LINE.c.at, _LINE.c.number).limit(1).scalar_subquery()
    return func.coalesce(first, _HIGHEST)


def _day(told: str) -> date | None:
    try:
        found = date.fromisoformat(told)
    except ValueError:
        return None
    return found if 1970 < found.year < 9000 else None


def _after(query: str) -> str:
    return parse_qs(query[1:])[AFTER][0]


def _cells(row: Row[Any]) -> list[str]:
    detail = json.dumps(row.detail, ensure_ascii=False, sort_keys=True)
    about = "" if row.about_id is None else str(row.about_id)
    told = (row.number, row.at.isoformat(), row.by, row.act, row.about_kind or "", about)
    return [neutral(str(cell)) for cell in (*told, detail, row.digest)]


def _rows(rows: Sequence[Sequence[str]]) -> str:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
