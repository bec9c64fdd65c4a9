"""Saved views: a list as somebody likes it, under a name. Any list of the console may have them.

A view is the address of a list without its place; it is its owner's, or everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import BindParameter, Row, bindparam, delete, func, select
from sqlmodel import Session
from starlette.responses import Response

from app.console.door import Visit, acts
from app.console.lists import AFTER, query_of
from app.staff.roles import Right
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import SavedView
from app.web.catalogues import N_

if TYPE_CHECKING:
    from app.console.office import Office

MOST: Final = 50
LONGEST_NAME: Final = 60
_LONGEST_QUERY: Final = 1000
EVERYBODY: Final = 0
_VIEW = table_of(SavedView)


@dataclass(frozen=True, slots=True)
class View:
    """`may_drop`: whoever looks at it may delete it."""

    id: int
    name: str
    query: str
    is_shared: bool
    may_drop: bool


def views_of(session: Session, visit: Visit, room: str) -> list[View]:
    """Those of this reader and everybody's, by name."""
    asked = {"room": room, "owners": [EVERYBODY, visit.user_id]}
    return [_view(row, visit) for row in session.connection().execute(_OF_ROOM, asked)]


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    lists: Mapping[str, str] = {room.name: room.path for room in office.rooms}

    @routes.post("/views")
    def save(visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        """Saves a list under a name; one of the same name and owner is replaced."""
        room, name = visit.typed.get("room", ""), " ".join(visit.typed.get("name", "").split())
        query = _query(visit.typed.get("query", ""))
        shared = visit.typed.get("shared") == "yes" and visit.may(Right.ACT)
        owner = EVERYBODY if shared else visit.user_id
        if room not in lists or not 0 < len(name) <= LONGEST_NAME:
            raise HTTPException(400)
        with office.act(visit, "view_saved", detail={"room": room, "shared": shared}) as doing:
            same = {"of": owner, "in": room, "as": name}
            doing.session.connection().execute(_SAME, same)
            if _count(doing.session, owner) >= MOST:
                raise HTTPException(400)
            row = {"owner_id": owner, "room": room, "name": name, "query": query}
            told = {"made_by": doing.by, "made_at": doing.now}
            insert_rows(doing.session, SavedView, [{**row, **told}])
        return office.back(lists[room] + query, N_("The view is saved."))

    @routes.post("/views/{view_id}/delete")
    def drop(
        visit: Annotated[Visit, acts(Right.LOOK)], view_id: Annotated[int, Path(ge=1, lt=2**31)]
    ) -> Response:
        with office.act(visit, "view_deleted", about=("saved_view", view_id)) as doing:
            row = doing.session.connection().execute(_ONE, {"id": view_id}).first()
            if row is None or not _view(row, visit).may_drop:
                raise HTTPException(404)
            doing.session.connection().execute(delete(_VIEW).where(_VIEW.c.id == view_id))
        return office.back(lists.get(row.room, "/console/"), N_("The view is gone."))

    return routes


def _view(row: Row[Any], visit: Visit) -> View:
    shared = row.owner_id == EVERYBODY
    own = row.owner_id == visit.user_id or (shared and row.made_by == visit.by)
    return View(row.id, row.name, row.query, shared, own or (shared and visit.may(Right.RUN)))


def _query(text: str) -> str:
    """The query of a list without its place. What is too long is left out."""
    told = dict(parse_qsl(text.removeprefix("?")[:_LONGEST_QUERY]))
    return query_of({name: value for name, value in told.items() if name != AFTER})


def _count(session: Session, owner_id: int) -> int:
    count = select(func.count()).where(_VIEW.c.owner_id == owner_id)
    return session.connection().execute(count).scalar_one()


_OWNERS: Final[BindParameter[Any]] = bindparam("owners", expanding=True)
_OF_ROOM: Final = (
    select(_VIEW)
    .where(_VIEW.c.room == bindparam("room"), _VIEW.c.owner_id.in_(_OWNERS))
    .order_by(_VIEW.c.name, _VIEW.c.id)
)
_ONE: Final = select(_VIEW).where(_VIEW.c.id == bindparam("id"))
_SAME: Final = delete(_VIEW).where(
    _VIEW.c.owner_id == bindparam("of"), _VIEW.c.room == bindparam("in"),
    _VIEW.c.name == bindparam("as"),
)  # fmt: skip
