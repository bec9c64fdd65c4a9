"""What messages say of a creditor, what payments settle first, and what customers may arrange."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.book.brands import BRAND_FACTS, change_creditor
from app.book.charges.terms import set_order
from app.book.envelope import EnvelopeError
from app.book.limits import ENTRIES, set_limits
from app.book.page_checks import set_page_check
from app.console.creditors.pages import CreditorId, creditor_of, page
from app.console.creditors.words import PROOF_WORDS
from app.console.door import Visit, acts
from app.console.office import Office
from app.staff.roles import Right
from app.web.catalogues import N_
from campaigns.duties import Order


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.post("/{id_}/facts")
    def told(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        brand = {
            name: visit.typed[name].strip()
            for name in BRAND_FACTS
            if name in visit.typed and name != "colour"
        }
        order = visit.typed.get("order", "")
        with office.act(visit, "creditor_told", about=("creditor", id_)) as doing:
            change_creditor(doing.session, row.external_id, brand=brand, capability=None)
            set_order(doing.session, id_, Order(order) if order in set(Order) else None)
        return office.back(f"/console/creditors/{id_}", N_("Messages say so from now on."))

    @routes.post("/{id_}/limits")
    def limited(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        told = {
            entry: {
                name: visit.typed[f"{entry}.{name}"].strip()
                for name in kind.__dataclass_fields__
                if f"{entry}.{name}" in visit.typed
            }
            for entry, kind in ENTRIES.items()
        }
        try:
            with office.act(visit, "limits_set", about=("creditor", id_)) as doing:
                set_limits(doing.session, id_, told)
        except EnvelopeError as problem:
            return page(office, visit, row, faults={"limits": str(problem)}, status=422)
        return office.back(f"/console/creditors/{id_}", N_("These limits hold from now on."))

    @routes.post("/{id_}/page-check")
    def checked(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        proofs = None
        if visit.typed.get("when") == "always":
            proofs = [str(proof) for proof in PROOF_WORDS if f"proof-{proof}" in visit.typed]
            if not proofs:
                fault = office.say(visit, N_("Choose at least one question."))
                return page(office, visit, row, faults={"check": fault}, status=422)
        with office.act(visit, "page_check_set", about=("creditor", id_)) as doing:
            set_page_check(doing.session, row.external_id, proofs)
        return office.back(f"/console/creditors/{id_}", N_("Pages ask so from now on."))
