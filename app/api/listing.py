"""One way to read any noun: a list by key-set paging with filters, and one by its id.

A list goes by ids, upward, so nothing is told twice or left out while rows come in. Answers carry
an `ETag`; whoever has that version already gets 304.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import APIRouter, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, ColumnElement, Row, Select, select
from sqlmodel import Session
from starlette.responses import Response

from app.api.cursors import cursor, place_of
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.problems import PROBLEMS, not_found
from app.api.scopes import Scope
from app.api.shape import LARGEST_ID
from app.store.columns import Filtered

USUAL: Final = 50
MOST: Final = 200
LOOKED_AT: Final = 50_000
"""Rows that a page goes over at most, wanted or not, where no index finds those that are wanted."""

Shape = TypeVar("Shape", bound=BaseModel)
Filter = Column[Any] | Callable[[Any], ColumnElement[bool]]
"""A column that must be equal to what is asked for, or the condition that it makes."""
ETAG: Final = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="An `ETag`; 304 while it is the version.")
]


class Asked(BaseModel):
    """How a list may be asked for. Filters are added by each list."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=100, description="`next` of a page.")
    limit: int = Field(default=USUAL, ge=1, le=MOST, description="Rows a page.")


class Page(BaseModel, Generic[Shape]):
    """A page of a list. `next` is the cursor of the page after it; null on the last. A page may
    hold fewer than were asked for, or none, and not be the last."""

    data: list[Shape]
    next: str | None = Field(default=None, examples=["AAAAAAAAAAow3Jp6bVYb1x5p0Qm_"])


@dataclass(frozen=True, slots=True)
class Noun(Generic[Shape]):
    """What can be read. `rows` answers the columns that `shape` wants; `id` and `owner` are its
    column of ids and of creditors. `where` has each filter of `asked`, and `found_by` names those
    that an index answers. `fill` makes the shapes of some rows, where columns alone do not."""

    path: str
    one: str
    scope: Scope
    shape: type[Shape]
    rows: Select[Any]
    id: Column[Any]
    owner: Column[Any]
    asked: type[Asked] = Asked
    where: Mapping[str, Filter] = field(default_factory=dict)
    found_by: frozenset[str] = frozenset()
    fill: Callable[[Session, Sequence[Row[Any]]], list[Shape]] | None = None

    def shapes(self, session: Session, rows: Sequence[Row[Any]]) -> list[Shape]:
        if self.fill is not None:
            return self.fill(session, rows)
        return [self.shape.model_validate(row._mapping) for row in rows]

    def seen_by(self, caller: Caller) -> Select[Any]:
        if caller.creditor_id is None:
            return self.rows
        return self.rows.where(Filtered(self.owner) == caller.creditor_id)

    def find(self, session: Session, caller: Caller, id_: int) -> Shape:
        """The one with this id. Raises `Problem` where there is none for this caller."""
        query = self.seen_by(caller).where(self.id == id_)
        rows = session.connection().execute(query).all()
        if not rows:
            raise not_found()
        return self.shapes(session, rows)[0]

    def page(self, session: Session, caller: Caller, asked: Asked, secret: bytes) -> Page[Shape]:
        listed = self._listed(caller, asked)
        after = place_of(secret, listed, asked.cursor) if asked.cursor is not None else 0
        query = self.seen_by(caller).where(self.id > after, *self._conditions(asked))
        until = self._until(session, asked, after)
        if until is not None:
            query = query.where(self.id <= until)
        found = session.connection().execute(query.order_by(self.id).limit(asked.limit + 1)).all()
        rows = found[: asked.limit]
        last = rows[-1].id if len(found) > len(rows) else until
        following = cursor(secret, listed, last) if last is not None else None
        return Page[self.shape](  # type: ignore[name-defined]  # pydantic makes it when it runs
            data=self.shapes(session, rows), next=following
        )

    def _until(self, session: Session, asked: Asked, after: int) -> int | None:
        """The id up to which this page looks, if there are any behind it that it leaves out."""
        if any(getattr(asked, name) is not None for name in self.found_by):
            return None
        until = after + LOOKED_AT
        more = select(self.id).where(self.id > until).limit(1)
        return until if session.connection().execute(more).first() else None

    def _conditions(self, asked: Asked) -> list[ColumnElement[bool]]:
        told = [(name, getattr(asked, name)) for name in self.where]
        return [self._condition(name, value) for name, value in told if value is not None]

    def _condition(self, name: str, value: Any) -> ColumnElement[bool]:
        narrows = self.where[name]
        if not isinstance(narrows, Column):
            return narrows(value)
        column: ColumnElement[Any] = narrows if name in self.found_by else Filtered(narrows)
        equal: ColumnElement[bool] = column == value
        return equal

    def _listed(self, caller: Caller, asked: Asked) -> str:
        filters = asked.model_dump_json(exclude={"cursor", "limit"}, exclude_none=True)
        return f"{self.path}/{caller.creditor_id}/{filters}"


def serve(routes: APIRouter, desk: Desk, noun: Noun[Any]) -> None:
    """Adds the two routes of a noun."""
    shape, asked_as, allowed = noun.shape, noun.asked, needs(noun.scope)

    @routes.head(f"/{noun.path}", include_in_schema=False)
    @routes.get(
        f"/{noun.path}",
        response_model=Page[shape],  # type: ignore[valid-type]
        summary=f"{noun.path.replace('-', ' ').capitalize()}, a page at a time",
        operation_id=f"list_{noun.path.replace('-', '_')}",
        responses={**PROBLEMS, 200: {"headers": ETAG}, 304: {"description": "As you have it."}},
    )
    def many(
        asked: Annotated[asked_as, Query()],  # type: ignore[valid-type]
        caller: Annotated[Caller, allowed],
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        with desk.database.read() as session:
            return told(noun.page(session, caller, asked, desk.secret), if_none_match)

    @routes.head(f"/{noun.path}/{{id}}", include_in_schema=False)
    @routes.get(
        f"/{noun.path}/{{id}}",
        response_model=shape,
        summary=f"One {noun.one}",
        operation_id=f"get_{noun.one.replace(' ', '_')}",
        responses={**PROBLEMS, 200: {"headers": ETAG}, 304: {"description": "As you have it."}},
    )
    def one(
        id_: Annotated[int, Path(alias="id", ge=1, le=LARGEST_ID)],
        caller: Annotated[Caller, allowed],
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        with desk.database.read() as session:
            return told(noun.find(session, caller, id_), if_none_match)


def told(what: BaseModel, known: str | None = None, *, status: int = 200) -> Response:
    """The answer, with its `ETag`; 304 for whoever knows this version."""
    return answer(what.model_dump_json().encode(), known, status=status)


def answer(body: bytes, known: str | None, *, status: int = 200) -> Response:
    """The same of what is JSON already."""
    etag = etag_of(body)
    if known is not None and _fits(etag, known):
        return Response(status_code=304, headers={"etag": etag})
    return Response(body, status, {"etag": etag}, "application/json")


def etag_of(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()[:32]}"'


def _fits(etag: str, known: str) -> bool:
    """RFC 9110, 13.1.2: weak comparison."""
    return known.strip() == "*" or etag in {
        each.strip().removeprefix("W/") for each in known.split(",")
    }
