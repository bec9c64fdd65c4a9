"""Who takes a creditor's payments, where transfers go, and what is given to who pays in time."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.book.errors import OfferError
from app.book.offers import add_offer, end_offer
from app.book.pay_accounts import AccountFault, read_account, set_account
from app.console.creditors.pages import CreditorId, creditor_of, page
from app.console.creditors.words import SITUATION_WORDS
from app.console.door import Visit, acts
from app.console.office import Office
from app.payments.choice import GATEWAYS, choose_gateway
from app.payments.external_gateway import NAME as EXTERNAL
from app.payments.external_gateway import address_fault
from app.staff.roles import Right
from app.web.catalogues import N_
from campaigns.offers import OfferKind, Situation


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.post("/{id_}/gateway")
    def gateway(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        chosen, address = visit.typed.get("gateway", ""), visit.typed.get("address", "").strip()
        fault = _gateway_fault(office, visit, chosen, address)
        if fault:
            return page(office, visit, row, faults={"gateway": fault}, status=422)
        wanted = None if chosen == "house" else chosen
        kept = address if chosen == EXTERNAL else None
        with office.act(visit, "gateway_chosen", about=("creditor", id_)) as doing:
            doing.detail["gateway"] = chosen
            choose_gateway(doing.session, row.external_id, wanted, pay_address=kept)
        return office.back(f"/console/creditors/{id_}", N_("Payments go there from now on."))

    @routes.post("/{id_}/account")
    def account(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        typed = {name: visit.typed.get(name, "").strip() for name in _ACCOUNT}
        currency = visit.typed.get("currency", "").strip().upper()
        try:
            into = read_account(
                holder=typed["holder"],
                iban=typed["iban"] or None,
                bic=typed["bic"] or None,
                bank=typed["bank"] or None,
                number=typed["number"] or None,
            )
            with office.act(visit, "account_set", about=("creditor", id_)) as doing:
                set_account(doing.session, row.external_id, currency, into)
        except AccountFault as wrong:
            return page(office, visit, row, faults={"account": str(wrong)}, status=422)
        return office.back(f"/console/creditors/{id_}", N_("Pages offer transfers there now."))

    @routes.post("/{id_}/account/remove")
    def without(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        try:
            with office.act(visit, "account_removed", about=("creditor", id_)) as doing:
                set_account(doing.session, row.external_id, visit.typed.get("currency", ""), None)
        except AccountFault as wrong:
            return page(office, visit, row, faults={"account": str(wrong)}, status=422)
        return office.back(f"/console/creditors/{id_}", N_("Pages offer no transfers in it."))

    @routes.post("/{id_}/offers")
    def offered(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row, typed = creditor_of(office, id_), visit.typed
        within, ends_on = typed.get("within_days", "").strip(), typed.get("ends_on", "").strip()
        try:
            with office.act(visit, "offer_added", about=("creditor", id_)) as doing:
                doing.detail["offer"] = add_offer(
                    doing.session,
                    id_,
                    OfferKind(typed.get("kind", "")),
                    typed.get("percent", "").strip(),
                    ends_on=date.fromisoformat(ends_on) if ends_on else None,
                    within_days=int(within) if within else None,
                    allows=[Situation(each) for each in SITUATION_WORDS if f"also-{each}" in typed],
                    by=visit.by,
                    now=doing.now,
                )
        except (OfferError, ValueError) as problem:
            return page(office, visit, row, faults={"offer": str(problem)}, status=422)
        return office.back(f"/console/creditors/{id_}", N_("The discount runs from today."))

    @routes.post("/{id_}/offers/end")
    def ended(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row, kind = creditor_of(office, id_), visit.typed.get("kind", "")
        if kind not in set(OfferKind):
            return page(office, visit, row, status=422)
        with office.act(visit, "offer_ended", about=("creditor", id_)) as doing:
            end_offer(doing.session, id_, OfferKind(kind), by=visit.by, now=doing.now)
        said = N_("It ends with today; what was promised today is kept.")
        return office.back(f"/console/creditors/{id_}", said)


_ACCOUNT = ("holder", "iban", "bic", "bank", "number")


def _gateway_fault(office: Office, visit: Visit, chosen: str, address: str) -> str:
    """Why it cannot be so; empty if it can."""
    if chosen not in (*GATEWAYS, "house"):
        return office.say(visit, N_("Choose who takes the payments."))
    if chosen != EXTERNAL:
        return ""
    if not office.settings.external_secret.get_secret_value():
        return office.say(
            visit, N_("DULY_EXTERNAL_SECRET is not set, so its calls could not be proven.")
        )
    return address_fault(address) or ""
