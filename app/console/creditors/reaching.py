"""Who is called when somebody may be in danger: of a creditor, or of the house."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.book.errors import AddressError
from app.book.on_call import put_on_call, take_off_call, waive, withdraw_waiver
from app.console.creditors.pages import CreditorId, creditor_of, page
from app.console.door import Visit, acts
from app.console.office import Office
from app.staff.roles import Right
from app.web.catalogues import N_


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.post("/{id_}/on-call")
    def called(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        name, address = (visit.typed.get(each, "").strip() for each in ("name", "call_address"))
        if not name:
            fault = office.say(visit, N_("Say who it is."))
            return page(office, visit, row, faults={"on_call": fault}, status=422)
        owner = None if "house" in visit.typed else id_
        try:
            with office.act(visit, "on_call_added", about=("creditor", id_)) as doing:
                doing.detail["on_call"] = put_on_call(
                    doing.session, owner, address, name=name, by=visit.by, now=doing.now
                )
        except AddressError as problem:
            return page(office, visit, row, faults={"on_call": str(problem)}, status=422)
        return office.back(f"/console/creditors/{id_}", N_("They are called, in the list’s order."))

    @routes.post("/{id_}/on-call/{number}/remove")
    def removed(
        id_: CreditorId, number: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]
    ) -> Response:
        creditor_of(office, id_)
        with office.act(visit, "on_call_removed", about=("on_call", number)) as doing:
            take_off_call(doing.session, number, by=visit.by, now=doing.now)
        said = N_("They are not called any more.")
        return office.back(f"/console/creditors/{id_}", said)

    @routes.post("/{id_}/waive")
    def waived(id_: CreditorId, visit: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        row = creditor_of(office, id_)
        try:
            with office.act(visit, "on_call_waived", about=("creditor", id_)) as doing:
                note = visit.typed.get("note", "")
                waive(doing.session, id_, by=visit.by, note=note, now=doing.now)
        except ValueError:
            fault = office.say(visit, N_("Say who looks at what is urgent instead."))
            return page(office, visit, row, faults={"waive": fault}, status=422)
        return office.back(
            f"/console/creditors/{id_}", N_("It is on record that you answer for it.")
        )

    @routes.post("/{id_}/require")
    def required(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        creditor_of(office, id_)
        with office.act(visit, "on_call_required", about=("creditor", id_)) as doing:
            withdraw_waiver(doing.session, id_, by=visit.by, now=doing.now)
        return office.back(f"/console/creditors/{id_}", N_("Somebody has to be on call."))
