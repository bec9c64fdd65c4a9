"""What a customer agrees to on the phone: a promise, or a plan, within what the creditor allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from app.book.envelope import house_of
from app.console.customers.case_list import balances
from app.console.customers.desk import Id, again, day_of, terms_of, to, zone_of_creditor
from app.console.door import Visit, acts
from app.intake.plan_offers import plan_offer
from app.intake.plans import Part, PlanProblem, PlanRefused, agree_plan
from app.intake.promises import MadeBy, PromiseProblem, PromiseRefused, make_promise
from app.staff.roles import Right
from app.store.given import rows_by_id
from app.store.rows import Customer
from app.web.amounts import AmountFault, AmountRefused, read_any_amount
from app.web.catalogues import N_

if TYPE_CHECKING:
    from app.console.office import Office

NOT_POSITIVE: Final = N_("Write an amount above zero.")
LIMITATION: Final = N_("A part of the debt is past its limitation date; a person decides.")
NOTHING: Final = N_("Nothing undisputed is owed in this currency.")
AMOUNTS: Final[Mapping[AmountFault, str]] = {
    AmountFault.EMPTY: N_("Write an amount."),
    AmountFault.UNREADABLE: N_("Write the amount in figures only, for example 120.50."),
    AmountFault.TOO_PRECISE: N_("Too many digits after the decimal point."),
    AmountFault.NOT_POSITIVE: NOT_POSITIVE,
    AmountFault.TOO_LARGE: N_("That is more than what is open."),
}
PROMISES: Final[Mapping[PromiseProblem, tuple[str, str]]] = {
    PromiseProblem.NOT_OFFERED: ("amount", N_("This creditor takes no promises.")),
    PromiseProblem.AMOUNT_NOT_POSITIVE: ("amount", NOT_POSITIVE),
    PromiseProblem.NOTHING_OPEN: ("amount", NOTHING),
    PromiseProblem.LIMITATION_PASSED: ("amount", LIMITATION),
    PromiseProblem.MORE_THAN_OPEN: ("amount", N_("That is more than what is open.")),
    PromiseProblem.TOO_LITTLE: ("amount", N_("That is less than this creditor accepts.")),
    PromiseProblem.IN_THE_PAST: ("due_on", N_("That day has passed.")),
    PromiseProblem.TOO_FAR: ("due_on", N_("That day is later than this creditor allows.")),
    PromiseProblem.PROMISE_OPEN: ("amount", N_("There is a promise already.")),
    PromiseProblem.TOO_MANY_BROKEN: (
        "amount",
        N_("Too many promises were broken lately; somebody who decides has to agree."),
    ),
    PromiseProblem.PLAN_RUNNING: ("amount", N_("There is a plan already.")),
}
"""The field that it stands at, and the words."""
PLANS: Final[Mapping[PlanProblem, str]] = {
    PlanProblem.NOT_OFFERED: N_("The number of parts is not what this creditor allows."),
    PlanProblem.NOTHING_OPEN: NOTHING,
    PlanProblem.LIMITATION_PASSED: LIMITATION,
    PlanProblem.OTHER_AMOUNT: N_("What is open has changed meanwhile: look at the parts again."),
    PlanProblem.BAD_DATES: N_("The days are not within what this creditor allows."),
    PlanProblem.ARRANGED_ALREADY: N_("There is a plan or a promise already."),
    PlanProblem.NO_PLAN: N_("There is no plan."),
    PlanProblem.TOO_MANY_MOVES: N_("The plan was changed as often as is allowed."),
    PlanProblem.NOTHING_FOLLOWS: N_("No instalment follows."),
}


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.post("/customers/{customer_id}/promise")
    def promise(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        zone_of_creditor(office, customer_id)
        currency, due_on = visit.typed.get("currency", ""), day_of(visit.typed, "due_on")
        if due_on is None:
            return again(office, visit, customer_id, "promise", {"due_on": N_("Choose a day.")})
        if not _owes(office, customer_id, currency):
            return again(office, visit, customer_id, "promise", {"amount": NOTHING})
        try:
            amount = read_any_amount(
                visit.typed.get("amount", ""), currency=currency, locale=visit.language
            )
        except AmountRefused as refused:
            told = {"amount": AMOUNTS[refused.fault]}
            return again(office, visit, customer_id, "promise", told)
        try:
            with office.act(visit, "promise_taken", about=("customer", customer_id)) as doing:
                made = make_promise(
                    doing.session,
                    customer_id=customer_id,
                    amount=amount,
                    due_on=due_on,
                    made_by=MadeBy.STAFF,
                    now=doing.now,
                )
                doing.detail["promise"] = made.promise_id
        except PromiseRefused as problem:
            place, words = PROMISES[problem.code]
            return again(office, visit, customer_id, "promise", {place: words})
        return office.back(to(customer_id), N_("The promise is on record: nobody reminds."))

    @routes.post("/customers/{customer_id}/plan")
    def plan(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        """The parts are worked out again: what was shown may be old."""
        zone_of_creditor(office, customer_id)
        try:
            with office.act(visit, "plan_agreed", about=("customer", customer_id)) as doing:
                parts = _parts(doing.session, customer_id, visit.typed, doing.now)
                doing.detail["plan"] = agree_plan(
                    doing.session,
                    customer_id=customer_id,
                    parts=parts,
                    agreed_by=MadeBy.STAFF,
                    now=doing.now,
                )
        except PlanRefused as problem:
            told = {"count": PLANS[problem.code]}
            return again(office, visit, customer_id, "plan", told)
        return office.back(to(customer_id), N_("The plan is agreed: reminders rest."))

    return routes


def _owes(office: Office, customer_id: int, currency: str) -> bool:
    with office.database.read() as session:
        owed = balances(session, [customer_id]).get(customer_id, ())
    return currency in {money.currency for money in owed}


def _parts(
    session: Session, customer_id: int, told: Mapping[str, str], now: datetime
) -> Sequence[Part]:
    """The instalments of the terms that a form says, as things stand now. Raises `PlanRefused`."""
    customer = rows_by_id(session, Customer, [customer_id])[customer_id]
    house, currency = house_of(session, customer.creditor_id), told.get("plan_currency", "")
    owed = {money.currency for money in balances(session, [customer_id]).get(customer_id, ())}
    offer = (
        plan_offer(session, house, customer_id, currency, pay_day=customer.pay_day, now=now)
        if currency in owed
        else None
    )
    if offer is None:
        raise PlanRefused(PlanProblem.ARRANGED_ALREADY, "nothing can be planned here now")
    terms = terms_of(told)
    parts = offer.schedule(terms) if terms is not None else None
    if parts is None:
        raise PlanRefused(PlanProblem.BAD_DATES, "that lies outside of the envelope")
    return parts
