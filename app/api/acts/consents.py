"""What people agreed to elsewhere, and took back elsewhere: on the phone, on paper, in a shop."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import Told, ensure_own_customer
from app.api.bookings.shapes import Text
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.problems import ACT_PROBLEMS
from app.api.scopes import Scope
from app.api.shape import IdTold
from app.intake.opt_ins import Agreement, give_consent
from app.intake.opt_outs import StopSaid, opt_out_person
from campaigns.reach import StopAct
from campaigns.vocabulary import Basis, Medium, Purpose


class ConsentGiven(Told):
    """A consent, with where it can be seen. It opens what a stop closed, as far as it may."""

    customer_id: IdTold
    medium: Medium
    basis: Basis = Basis.CONSENT
    evidence: Text = Field(examples=["form 2026-117, archive 4"])
    source: Text = "api"
    method: Text = "written"
    purpose: Purpose | None = None


class ConsentResult(BaseModel):
    """`still_closed` tells why an address of the customer stays closed all the same."""

    still_closed: list[str] = Field(examples=[["bounced"]])


class Withdrawal(Told):
    """A stop that somebody told you. It takes effect before this call is answered."""

    customer_id: IdTold
    medium: Medium | None = Field(default=None, description="None: everywhere.")
    evidence: Text = Field(examples=["call of 2026-03-05, ticket 881"])
    purpose: Purpose | None = Field(default=None, description="Of such messages alone.")
    never_again: bool = Field(default=False, description='"Do not contact me at all."')


class WithdrawalResult(BaseModel):
    changed: bool = Field(description="False when all of it was closed already.")


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["book"])
    may_write = needs(Scope.BOOK_WRITE)

    @routes.post(
        "/consents",
        response_model=ConsentResult,
        summary="Puts a consent on record",
        operation_id="give_consent",
        responses=ACT_PROBLEMS,
    )
    def give(told: ConsentGiven, call: NamedCall, caller: Annotated[Caller, may_write]) -> Response:
        def work(session: Session, now: datetime) -> ConsentResult:
            ensure_own_customer(session, caller, told.customer_id)
            agreed = Agreement(**told.model_dump(exclude={"customer_id"}), by=caller.name)
            closed = give_consent(session, told.customer_id, agreed, now=now)
            return ConsentResult(still_closed=list(closed))

        return do(desk, caller, call, work)

    @routes.post(
        "/consents/withdrawals",
        response_model=WithdrawalResult,
        summary="Stops messages to somebody",
        operation_id="withdraw_consent",
        responses=ACT_PROBLEMS,
    )
    def withdraw(
        told: Withdrawal, call: NamedCall, caller: Annotated[Caller, may_write]
    ) -> Response:
        def work(session: Session, now: datetime) -> WithdrawalResult:
            ensure_own_customer(session, caller, told.customer_id)
            act = StopAct.CEASE if told.never_again else StopAct.STAFF
            stop = StopSaid(act, told.medium, told.evidence, by=caller.name)
            changed = opt_out_person(
                session, stop, customer_id=told.customer_id, purpose=told.purpose, now=now
            )
            return WithdrawalResult(changed=changed)

        return do(desk, caller, call, work)

    return routes
