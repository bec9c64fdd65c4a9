"""The list of errands, the page of one while it goes on, its file, and how it is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import Row, select
from starlette.responses import FileResponse, RedirectResponse, Response

from app.console.creditors_known import creditors, number_in
from app.console.door import Visit, acts, looks
from app.console.errands.asking import ask_errand, files_of
from app.console.lists import LOOKED_AT, Listing, Sort
from app.console.office import Office
from app.console.queues.words import TEAMS
from app.errands.asking import Wanted, cancel, find
from app.errands.exporting import FileType
from app.errands.kinds import Kind, State
from app.errands.own_lists import EXPORTS, OF_ERRAND
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Errand
from app.web.catalogues import N_

ErrandId = Annotated[int, Path(ge=1, lt=2**31)]

_ERRAND = table_of(Errand)
KINDS: Final[Mapping[str, str]] = {
    Kind.TRY_IMPORT: N_("Check of a file"),
    Kind.IMPORT: N_("Import"),
    Kind.EXPORT: N_("Export"),
    Kind.TRY_JOURNEY: N_("Trial of a journey"),
    Kind.AUDIENCE: N_("Count of an audience"),
    Kind.HOLD: N_("Hold of many customers"),
    Kind.RELEASE: N_("Release of many holds"),
    Kind.ASSIGN: N_("Assignment of many tasks"),
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    State.WAITING: ("wait", N_("Waiting")),
    State.RUNNING: ("calm", N_("At work")),
    State.DONE: ("good", N_("Done")),
    State.FAILED: ("bad", N_("Failed")),
    State.CANCELLED: ("plain", N_("Stopped")),
}
"""The look and the word of each state."""
EXPORT_WORDS: Final[Mapping[str, str]] = {"open-invoices": N_("Open invoices")}
_TOLD: Final[Mapping[str, str]] = {
    "rows": N_("Rows"),
    "looked": N_("Looked at"),
    "changed": N_("Changed"),
    "customers": N_("Customers"),
    "subjects": N_("Invoices or plans"),
}
_IMPORTS: Final = (Kind.TRY_IMPORT, Kind.IMPORT)
_ON_MANY: Final = (Kind.HOLD, Kind.RELEASE, Kind.ASSIGN)
_LIST: Final = Listing(
    select(_ERRAND),
    {"newest": Sort((_ERRAND.c.id,), descending=True)},
    {"kind": lambda told: _ERRAND.c.kind == told},
)


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/errands")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        return _list(office, visit)

    @routes.post("/errands/export")
    def exported(visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        typed = visit.typed
        if typed.get("export") not in EXPORTS or typed.get("type") not in set(FileType):
            fault = office.say(visit, N_("Choose a list and how it is written."))
            return _list(office, visit, fault=fault, status=422)
        creditor_id = number_in(typed.get("creditor", ""))
        filters = {"creditor": creditor_id} if creditor_id else {}
        told = {"export": typed["export"], "type": typed["type"], "filters": filters}
        wanted = Wanted(Kind.EXPORT, visit.by, visit.user_id, creditor_id, told)
        with office.act(visit, "list_exported") as doing:
            number = ask_errand(doing, wanted)
        return office.back(f"/console/errands/{number}")

    @routes.get("/errands/{id_}")
    def shown(id_: ErrandId, visit: Annotated[Visit, looks()]) -> Response:
        errand = errand_of(office, id_)
        if errand.kind in (*_IMPORTS, Kind.TRY_JOURNEY):
            return RedirectResponse(_place(errand), 303)
        return office.page(
            visit,
            "console/errands/one.html",
            room="errands",
            errand=errand,
            told=[(name, office.say(visit, words)) for name, words in _TOLD.items()],
            asked=_asked(office, errand),
            kinds=KINDS,
            states=STATES,
            file=result_of(office, errand),
        )

    @routes.get("/errands/{id_}/file")
    def file(id_: ErrandId, _: Annotated[Visit, looks()]) -> Response:
        found = files_of(office).paths(errand_of(office, id_).result_file or "")
        if not found:
            raise HTTPException(404)
        return FileResponse(found[0], filename=found[0].name, content_disposition_type="attachment")

    @routes.post("/errands/{id_}/stop")
    def stopped(id_: ErrandId, visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        errand = errand_of(office, id_)
        with office.act(visit, "errand_stopped", about=("errand", id_)) as doing:
            was_live = cancel(doing.session, id_, visit.by, doing.now)
        said = N_("It stops before its next batch.") if was_live else N_("It was over already.")
        return office.back(_place(errand), said)

    @routes.post("/errands/{id_}/undo")
    def undone(id_: ErrandId, visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """What the errand held is released, and nothing else."""
        errand = errand_of(office, id_)
        if errand.kind != Kind.HOLD or errand.ended_at is None:
            raise HTTPException(409)
        told = {"selection": OF_ERRAND.name, "filters": {"errand": id_}}
        wanted = Wanted(Kind.RELEASE, visit.by, visit.user_id, errand.creditor_id, told)
        with office.act(visit, "hold_of_many_undone", about=("errand", id_)) as doing:
            number = ask_errand(doing, wanted)
        return office.back(f"/console/errands/{number}")

    return routes


@dataclass(frozen=True, slots=True)
class Asked:
    """What an act on many was told, as its page shows it; `left` is what it holds still."""

    until: datetime | None
    why: str
    owner: str | None
    team: str
    due: datetime | None
    undoes: int | None
    left: int


def _asked(office: Office, errand: Row[Any]) -> Asked | None:
    """None for what is no act on many."""
    if errand.kind not in _ON_MANY:
        return None
    told, left = errand.parameters, 0
    with office.database.read() as session:
        if errand.kind == Kind.HOLD and errand.ended_at is not None:
            page = OF_ERRAND.page(session, {"errand": errand.id}, 0, LOOKED_AT)
            left = len(page.ids)
    return Asked(
        _instant(told.get("until")),
        told.get("why", ""),
        told.get("owner", ""),
        TEAMS.get(told.get("team", ""), ""),
        _instant(told.get("due")),
        told.get("filters", {}).get("errand"),
        left,
    )


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _list(office: Office, visit: Visit, *, fault: str = "", status: int = 200) -> Response:
    with office.database.read() as session:
        found = _LIST.read(session, visit.asked)
        named = creditors(session)
    return office.page(
        visit,
        "console/errands/list.html",
        room="errands",
        status=status,
        listed=found,
        shown_kinds=[(kind, office.say(visit, words)) for kind, words in KINDS.items()],
        kinds=KINDS,
        states=STATES,
        exports=[(name, office.say(visit, EXPORT_WORDS.get(name, name))) for name in EXPORTS],
        types=[(str(each), each.upper()) for each in FileType],
        creditors=[("", office.say(visit, N_("All creditors"))), *named],
        fault=fault,
    )


def errand_of(office: Office, id_: int) -> Row[Any]:
    """The errand of this number. 404 if there is none."""
    with office.database.read() as session:
        found = find(session, id_)
    if found is None:
        raise HTTPException(404)
    return found


def _place(errand: Row[Any]) -> str:
    if errand.kind == Kind.TRY_JOURNEY:
        return f"/console/design/journeys/{errand.parameters['journey']}/try/{errand.id}"
    room = "book/imports" if errand.kind in _IMPORTS else "errands"
    return f"/console/{room}/{errand.id}"


def result_of(office: Office, errand: Row[Any]) -> str | None:
    """The name of the file that came of it, while it is kept."""
    found = files_of(office).paths(errand.result_file or "")
    return found[0].name if found else None
