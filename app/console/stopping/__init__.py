"""The stop button: what is stopped, one press that stops all, and the way back."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter
from sqlalchemy import select
from sqlmodel import Session
from starlette.responses import Response

from app.console.codes import MEDIA_ALONE
from app.console.door import Visit, acts, looks
from app.console.office import Office
from app.console.queues.lines import Id, creditor_id, creditors
from app.delivery.halts import (
    Scope,
    lift_all,
    lift_halt,
    lifted_stops,
    place_halt,
    standing_stops,
)
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Creditor, Halt
from app.web.catalogues import N_
from campaigns.vocabulary import Medium

ROOM: Final = "stop"
HOME: Final = "/console/stop"
LONGEST: Final = 500

_CREDITOR, _HALT = table_of(Creditor), table_of(Halt)


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/stop")

    @routes.get("")
    def shown(v: Annotated[Visit, looks()]) -> Response:
        return _page(office, v)

    @routes.post("")
    def stop(v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Stops the scope that is named, within two seconds on all workers. A stop makes nothing
        worse, so whoever may act may stop."""
        why = v.typed.get("why", "").strip()
        if not 0 < len(why) <= LONGEST:
            return _page(office, v, N_("Write why, for whoever finds it stopped."))
        with office.database.read() as session:
            scope = _scope(session, v)
        if scope is None:
            return _page(office, v, N_("There is no such creditor or channel."))
        with office.act(v, "sending.stopped") as doing:
            place_halt(doing.session, scope, by=v.by, note=why, now=doing.now)
            doing.detail.update(creditor=scope.creditor_id, medium=scope.medium)
        return office.back(HOME, N_("Stopped. Nothing of it leaves any more; what waits is kept."))

    @routes.post("/lift")
    def lift_everything(v: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        with office.act(v, "sending.resumed") as doing:
            doing.detail["stops"] = lift_all(doing.session, by=v.by, now=doing.now)
        return office.back(HOME, _GOES_ON)

    @routes.post("/{id_}/lift")
    def lift(id_: Id, v: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        """Lets the scope of one stop go on. A wider or a narrower one stays."""
        with office.act(v, "sending.resumed", about=("halt", id_)) as doing:
            query = select(_HALT.c.creditor_id, _HALT.c.medium).where(_HALT.c.id == id_)
            row = doing.session.connection().execute(query).first()
            if row is not None:
                scope = Scope(row.creditor_id, Medium(row.medium) if row.medium else None)
                lift_halt(doing.session, scope, by=v.by, now=doing.now)
        return office.back(HOME, _GOES_ON)

    return routes


_GOES_ON: Final = N_("It goes on. What waited is asked about again, and leaves at its rate.")


def _page(office: Office, v: Visit, problem: str = "") -> Response:
    with office.database.read() as session:
        facts = {
            "standing": standing_stops(session),
            "lifted": lifted_stops(session),
            "creditors": creditors(session),
        }
    status = 422 if problem else 200
    return office.page(
        v,
        "console/stop/page.html",
        room=ROOM,
        status=status,
        media={medium: MEDIA_ALONE[medium] for medium in Medium},
        problem=problem,
        **facts,
    )


def _scope(session: Session, v: Visit) -> Scope | None:
    """What the form names; None for what there is none of."""
    creditor, medium = v.typed.get("creditor", ""), v.typed.get("medium", "")
    if medium and medium not in tuple(Medium):
        return None
    whose = creditor_id(creditor) if creditor else None
    query = select(_CREDITOR.c.id).where(_CREDITOR.c.id == whose)
    if creditor and session.connection().scalar(query) is None:
        return None
    return Scope(whose, Medium(medium) if medium else None)
