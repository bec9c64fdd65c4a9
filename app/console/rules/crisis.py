"""Who listens to somebody in danger, by country, and who has confirmed it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter
from sqlalchemy import Row
from starlette.responses import Response

from app.book.signoffs import SignState, sign, sign_state, signed, withdraw
from app.console.creditors_known import creditor_row, creditors, number_in
from app.console.door import Visit, acts, looks
from app.console.office import Office
from app.staff.roles import Right
from app.web.catalogues import N_
from app.wording.crisis import CrisisRow, crisis_lines

ROOM: Final = "rules"


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/crisis")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        return _page(office, visit, visit.asked.get("creditor", ""))

    @routes.post("/crisis/confirm")
    def confirmed(visit: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        told = visit.typed.get("creditor", "")
        creditor, line = _of(office, told), _line(visit.typed.get("country", ""))
        note = visit.typed.get("note", "").strip()
        if creditor is None or line is None or not note:
            fault = office.say(visit, N_("Say how you know: who was called, what was read."))
            return _page(office, visit, told, fault=fault, status=422)
        with office.act(visit, "crisis_line_confirmed", about=("creditor", creditor.id)) as doing:
            doing.detail["country"] = line.country
            sign(doing.session, creditor.id, [line], by=visit.by, note=note, now=doing.now)
        said = N_("It is on record that you confirmed it.")
        return office.back(f"/console/rules/crisis?creditor={creditor.id}", said)

    @routes.post("/crisis/withdraw")
    def withdrawn(visit: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        told = visit.typed.get("creditor", "")
        creditor, line = _of(office, told), _line(visit.typed.get("country", ""))
        if creditor is None or line is None:
            return _page(office, visit, told, status=422)
        with office.act(visit, "crisis_line_withdrawn", about=("creditor", creditor.id)) as doing:
            doing.detail["country"] = line.country
            withdraw(doing.session, creditor.id, line.name, by=visit.by, now=doing.now)
        said = N_("It is taken back; that it was confirmed stays on record.")
        return office.back(f"/console/rules/crisis?creditor={creditor.id}", said)


def _of(office: Office, told: str) -> Row[Any] | None:
    with office.database.read() as session:
        return creditor_row(session, number_in(told))


def _line(country: str) -> CrisisRow | None:
    row = crisis_lines().get(country)
    return CrisisRow(country, row) if row is not None else None


def _page(
    office: Office, visit: Visit, told: str, *, fault: str = "", status: int = 200
) -> Response:
    with office.database.read() as session:
        named = creditors(session)
        chosen = number_in(told) or (named[0][0] if len(named) == 1 else None)
        creditor = creditor_row(session, chosen)
        known = signed(session, [creditor.id]) if creditor else {}
    lines = [CrisisRow(country, row) for country, row in crisis_lines().items()]
    found = {line.name: known.get((creditor.id, line.name)) if creditor else None for line in lines}
    return office.page(
        visit,
        "console/rules/crisis.html",
        room=ROOM,
        status=status,
        lines=lines,
        confirmed={
            line.name: found[line.name]
            for line in lines
            if sign_state(line, found[line.name]) is SignState.SIGNED
        },
        creditors=[("", "–"), *named],
        creditor=creditor,
        fault=fault,
    )
