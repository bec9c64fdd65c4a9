"""What came by phone or letter: a dispute, a hardship; and what is asked of another team."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from app.console.customers.acts import NO_CHOICE
from app.console.customers.arranging import AMOUNTS
from app.console.customers.desk import CAUSES, Id, again, to, zone_of_creditor
from app.console.door import Visit, acts
from app.console.queues.tasks import ANSWER_DAYS
from app.intake.disputes import DisputeKind, NotPart, UnknownInvoice, dispute_invoice
from app.intake.hardship import HOLD_FOR, report_hardship
from app.intake.questions import Asking, NotAsked, ask_about
from app.intake.replies.typed import heed
from app.intake.tasks import Team
from app.staff.roles import Right
from app.store.given import rows_by_id
from app.store.rows import Invoice
from app.web.amounts import AmountFault, AmountRefused, read_any_amount
from app.web.catalogues import N_
from campaigns.money import Money

if TYPE_CHECKING:
    from app.console.office import Office

LONGEST: Final = 4000
NO_INVOICE: Final = N_("Choose the invoice.")
NO_PART: Final = N_("Write less than what is open of it, or leave it empty for all of it.")
NO_TEAM: Final = N_("Choose a team and a day.")
NO_WORDS: Final = N_("Write what you want to ask.")


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    _contested(routes, office)
    _hard_times(routes, office)
    _asked(routes, office)
    return routes


def _contested(routes: APIRouter, office: Office) -> None:
    @routes.post("/customers/{customer_id}/dispute")
    def dispute(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        zone_of_creditor(office, customer_id)
        typed = visit.typed
        if typed.get("about") not in set(DisputeKind):
            return again(office, visit, customer_id, "dispute", {"about": NO_CHOICE})
        try:
            contested = _part(office, visit, customer_id)
            with office.act(visit, "dispute_entered", about=("customer", customer_id)) as doing:
                words = typed.get("dispute_words", "").strip()[:LONGEST]
                doing.detail["dispute"] = dispute_invoice(
                    doing.session,
                    customer_id=customer_id,
                    invoice_id=_number(typed.get("invoice", "")),
                    kind=DisputeKind(typed["about"]),
                    words=heed(doing.session, customer_id, words, message_id=None, now=doing.now),
                    now=doing.now,
                    contested=contested,
                    by=doing.by,
                )
        except UnknownInvoice:
            return again(office, visit, customer_id, "dispute", {"invoice": NO_INVOICE})
        except NotPart:
            return again(office, visit, customer_id, "dispute", {"contested": NO_PART})
        except AmountRefused as refused:
            told = {"contested": AMOUNTS[refused.fault]}
            return again(office, visit, customer_id, "dispute", told)
        said = N_("The dispute is on record: nobody asks for that invoice.")
        return office.back(to(customer_id), said)


def _part(office: Office, visit: Visit, customer_id: int) -> Money | None:
    """How much of the invoice they contest; None for all of it."""
    text, id_ = visit.typed.get("contested", ""), _number(visit.typed.get("invoice", ""))
    with office.database.read() as session:
        row = rows_by_id(session, Invoice, [id_]).get(id_)
    if row is None or row.customer_id != customer_id:
        raise UnknownInvoice(id_)
    try:
        part = read_any_amount(text, currency=row.currency, locale=visit.language)
    except AmountRefused as refused:
        if refused.fault is AmountFault.EMPTY:
            return None
        raise
    return None if part.minor == row.open_minor else part


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _hard_times(routes: APIRouter, office: Office) -> None:
    @routes.post("/customers/{customer_id}/hardship")
    def hardship(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        """Why stands on a note that only those read who give their name."""
        zone_of_creditor(office, customer_id)
        cause = visit.typed.get("cause", "")
        if cause not in CAUSES:
            return again(office, visit, customer_id, "hardship", {"cause": NO_CHOICE})
        with office.act(visit, "hardship_entered", about=("customer", customer_id)) as doing:
            words = visit.typed.get("hardship_words", "").strip()[:LONGEST]
            doing.detail["hardship"] = report_hardship(
                doing.session,
                customer_id=customer_id,
                kind=cause,
                words=heed(doing.session, customer_id, words, message_id=None, now=doing.now),
                now=doing.now,
                hold_for=None if cause == "bereavement" else HOLD_FOR,
                by=doing.by,
            )
        said = N_("It is on record: nobody writes, and the care team gets in touch.")
        return office.back(to(customer_id), said)


def _asked(routes: APIRouter, office: Office) -> None:
    @routes.post("/customers/{customer_id}/ask")
    def ask(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        """The answer comes back to this page, and to a task of the asker."""
        zone_of_creditor(office, customer_id)
        typed, teams = visit.typed, tuple(Team)
        of_team, to_team = typed.get("of_team", ""), typed.get("to_team", "")
        days = typed.get("days", "")
        if not {of_team, to_team} <= set(teams) or days not in map(str, ANSWER_DAYS):
            return again(office, visit, customer_id, "ask", {"to_team": NO_TEAM})
        try:
            with office.act(visit, "team.asked", about=("customer", customer_id)) as doing:
                by = doing.now + timedelta(days=int(days))
                asking = Asking(doing.by, Team(of_team), Team(to_team), by)
                question, task = ask_about(
                    doing.session,
                    asking,
                    typed.get("question", ""),
                    customer_id=customer_id,
                    now=doing.now,
                )
                doing.detail.update({"question": question, "task": task, "team": to_team})
        except NotAsked:
            return again(office, visit, customer_id, "ask", {"question": NO_WORDS})
        return office.back(to(customer_id), N_("Asked. The answer comes back here."))
