"""A person steers cases: has them decided now or later, skips steps, closes. Never round policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, HTTPException
from sqlmodel import Session
from starlette.responses import Response

from app.console.customers.desk import PATH, Id, again, day_of, to, zone_of_creditor
from app.console.door import Visit, acts
from app.intake.steering import CannotSteer, close_case, decide_now, look_again, pass_to
from app.staff.roles import Right
from app.store.given import rows_by_id
from app.store.rows import Case
from app.web.catalogues import N_
from campaigns.calendar import at_local

if TYPE_CHECKING:
    from app.console.office import Office

FAULTS: Final[Mapping[str, str]] = {
    "bad_time": N_("Choose a day from tomorrow on, within 90 days."),
    "busy": N_("The case waits for the outcome of a message, or for an event. Try again later."),
    "no_step": N_("That step does not come after the next one."),
    "closed": N_("The case is closed."),
}
_OPENING: Final = time(9)  # on the clock of the creditor


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.post("/customers/{customer_id}/now")
    def now(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        zone_of_creditor(office, customer_id)
        with office.act(visit, "cases_decided_now", about=("customer", customer_id)) as doing:
            doing.detail["cases"] = decide_now(doing.session, customer_id, doing.now)
        said = N_("It is decided now. What may go, goes within seconds; what may not, says why.")
        return office.back(to(customer_id), said)

    @routes.post("/customers/{customer_id}/cases/{case_id}/later")
    def later(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id, case_id: Id) -> Response:
        zone, day = zone_of_creditor(office, customer_id), day_of(visit.typed, "look_on")
        at = office.clock.now()
        if day is not None:
            at = at_local(day, _OPENING, zone)
        try:
            with office.act(visit, "case_put_off", about=("dunning_case", case_id)) as doing:
                _ensure_own(doing.session, case_id, customer_id)
                look_again(doing.session, case_id, at, doing.now)
        except CannotSteer as problem:
            told = {"look_on": FAULTS[problem.code]}
            return again(office, visit, customer_id, f"later-{case_id}", told)
        undo = f"{PATH}/{customer_id}/now"
        return office.back(to(customer_id), N_("Put off until that day."), undo=undo)

    @routes.post("/customers/{customer_id}/cases/{case_id}/pass")
    def skip(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id, case_id: Id) -> Response:
        zone_of_creditor(office, customer_id)
        step = visit.typed.get("step", "")
        try:
            with office.act(visit, "steps_passed_over", about=("dunning_case", case_id)) as doing:
                _ensure_own(doing.session, case_id, customer_id)
                doing.detail["steps"] = pass_to(
                    doing.session, office.catalogue, case_id, step, by=visit.name, now=doing.now
                )
        except CannotSteer as problem:
            told = {"step": FAULTS[problem.code]}
            return again(office, visit, customer_id, f"pass-{case_id}", told)
        return office.back(to(customer_id), N_("The case goes on at that step, on its day."))

    @routes.post("/customers/{customer_id}/cases/{case_id}/close")
    def close(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id, case_id: Id) -> Response:
        zone_of_creditor(office, customer_id)
        try:
            with office.act(visit, "case_closed", about=("dunning_case", case_id)) as doing:
                _ensure_own(doing.session, case_id, customer_id)
                close_case(doing.session, case_id, doing.now)
        except CannotSteer as problem:
            told = {"close": FAULTS[problem.code]}
            return again(office, visit, customer_id, f"close-{case_id}", told)
        return office.back(to(customer_id), N_("The case is closed: nobody asks any more."))

    return routes


def _ensure_own(session: Session, case_id: int, customer_id: int) -> None:
    row = rows_by_id(session, Case, [case_id]).get(case_id)
    if row is None or row.customer_id != customer_id:
        raise HTTPException(404)
