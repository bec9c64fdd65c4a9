"""Lists that are read page by page by key: the place, the sort and the filters stand in the URL.

Nothing is ever counted whole. A sort is a column, or several, that an index gives in order; its
last column is unique, so no row is told twice or left out while others come in.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Column, ColumnElement, Row, Select, tuple_
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

PAGE: Final = 50
LOOKED_AT: Final = 10_000
"""Rows at most, where all that a list finds is counted or acted on."""
LOOKED_AT_A_PAGE: Final = 4_000
"""As many as either store looks at in 200 ms where each has to be looked up in another table."""
AFTER: Final = "after"
SORT: Final = "sort"
_LONGEST: Final = 400

Asked = Mapping[str, str]
"""The query of the URL: what is typed there is anybody's."""


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of rows, by columns that the list selects under their own names; all not null."""

    by: tuple[Column[Any], ...]
    descending: bool = False

    def order(self) -> list[ColumnElement[Any]]:
        return [column.desc() if self.descending else column.asc() for column in self.by]

    def beyond(self, place: Sequence[Any]) -> ColumnElement[bool]:
        """What comes after that place."""
        here = tuple_(*self.by)
        there = tuple_(*place, types=[column.type for column in self.by])
        return here < there if self.descending else here > there

    def within(self, place: Sequence[Any]) -> ColumnElement[bool]:
        """What comes up to that place, itself included."""
        here, there = tuple_(*self.by), tuple_(*place)
        return here >= there if self.descending else here <= there

    def place(self, row: Row[Any]) -> list[Any]:
        return [row._mapping[column.name] for column in self.by]


Filter = Callable[[str], ColumnElement[bool] | None]
"""What a filter's value asks for; None for a value that makes no sense, which filters nothing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list. `older` is the query of the page behind it, `first` that of the first
    page; either is empty where there is none."""

    rows: Sequence[Row[Any]]
    asked: Asked
    older: str
    first: str

    def query(self, **changed: str) -> str:
        """This list's URL query with something changed; its place is forgotten."""
        return query_of({**self.asked, AFTER: "", **changed})


@dataclass(frozen=True, slots=True)
class Listing:
    """What can be listed: a query, its sorts by name (the first is the usual one), its filters.

    Where no index finds what a filter wants, `along` is the query without filters: narrowed by
    those that are `found` by an index, a page goes over `looked_at` rows of it at most, so it may
    hold few, or none, and not be the last. With those filters alone a page is full.
    """

    query: Select[Any]
    sorts: Mapping[str, Sort]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    page: int = PAGE
    along: Select[Any] | None = None
    found: frozenset[str] = frozenset()
    looked_at: int = LOOKED_AT_A_PAGE

    def read(self, session: Session, asked: Asked) -> Listed:
        """The page that the URL asks for. What it does not know is left out, not refused."""
        kept = {name: asked[name] for name in self.filters if asked.get(name)}
        name = asked.get(SORT, "")
        if name in self.sorts:
            kept[SORT] = name
        sort = self.sorts[name] if name in self.sorts else next(iter(self.sorts.values()))
        narrowed = self.query.where(*self._conditions(kept, kept.keys()))
        place = _place(asked.get(AFTER, ""), sort)
        if place is not None:
            narrowed = narrowed.where(sort.beyond(place))
        end = self._end(session, sort, place, kept)
        if end is not None:
            narrowed = narrowed.where(sort.within(end))
        ordered = narrowed.order_by(*sort.order()).limit(self.page + 1)
        found = session.connection().execute(ordered).all()
        rows = found[: self.page]
        last = sort.place(rows[-1]) if len(found) > self.page else end
        behind = query_of({**kept, AFTER: written(last)}) if last is not None else ""
        return Listed(rows, kept, behind, query_of(kept) if place is not None else "")

    def _end(
        self, session: Session, sort: Sort, place: Sequence[Any] | None, kept: Asked
    ) -> Sequence[Any] | None:
        """The place up to which this page looks, if there is anything behind it."""
        if self.along is None or not kept.keys() - self.found - {SORT}:
            return None
        query = self.along.with_only_columns(*sort.by).order_by(*sort.order())
        query = query.where(*self._conditions(kept, self.found))
        if place is not None:
            query = query.where(sort.beyond(place))
        row = session.connection().execute(query.offset(self.looked_at - 1).limit(1)).first()
        return None if row is None else sort.place(row)

    def _conditions(self, kept: Asked, names: Collection[str]) -> list[ColumnElement[bool]]:
        asked = [name for name in self.filters if name in kept and name in names]
        told = [self.filters[name](kept[name]) for name in asked]
        return [condition for condition in told if condition is not None]


def query_of(asked: Asked) -> str:
    """A URL query, `?` and all; of nothing it is `?`, which is the list without any filter."""
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def written(place: Sequence[Any]) -> str:
    """A place as the URL names it."""
    told = [value.isoformat() if isinstance(value, date) else value for value in place]
    return urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _place(text: str, sort: Sort) -> list[Any] | None:
    """The place that the URL names; None for no place, or for what was not written by us."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        told = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(told, list) or len(told) != len(sort.by):
            return None
        return [_value(column, each) for column, each in zip(sort.by, told, strict=True)]
    except (ValueError, Error):
        return None


def _value(column: Column[Any], told: object) -> Any:
    # The type of instants says of itself no more than that it is an object.
    is_instant = isinstance(column.type, UTCDateTime)
    wanted = datetime if is_instant else column.type.python_type
    if issubclass(wanted, datetime | date) and isinstance(told, str):
        read = wanted.fromisoformat(told)
        if isinstance(read, datetime) and read.tzinfo is None:
            raise ValueError("an instant without a zone")
        return read
    if wanted is int and isinstance(told, int) and abs(told) < 2**63:
        return told
    if wanted is str and isinstance(told, str):
        return told
    raise ValueError("not a value of that column")
