"""Promises, plans and disputes, as staff take them on the phone."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import PathId, Told, ensure_own_customer, within_the_envelope
from app.api.bookings.shapes import Above, Currency, Day, Text
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.arrangements import (
    DISPUTES,
    PLANS,
    PROMISES,
    DisputeShape,
    PlanShape,
    PromiseShape,
)
from app.api.problems import ACT_PROBLEMS, not_found
from app.api.scopes import Scope
from app.api.shape import IdTold
from app.intake.disputes import DisputeKind, UnknownInvoice, dispute_invoice, resolve_dispute
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy, make_promise
from app.intake.replies.typed import heed
from campaigns.money import Money


class PromiseIn(Told):
    """That a customer will pay so much by a day, within what the creditor allows."""

    customer_id: IdTold
    amount_minor: Above
    currency: Currency
    due_on: Day


class PartIn(Told):
    amount_minor: Above
    due_on: Day


class PlanIn(Told):
    """What a customer pays in parts: all that can be claimed in this currency."""

    customer_id: IdTold
    currency: Currency
    parts: list[PartIn] = Field(min_length=1, max_length=120)


class DisputeIn(Told):
    """That a customer contests an invoice: nobody asks for it until somebody decides."""

    customer_id: IdTold
    invoice_id: IdTold
    kind: DisputeKind
    words: Text | None = Field(default=None, description="The customer's own.")


class DisputeEnd(Told):
    upheld: bool = Field(description="True: the customer was right, and a credit note follows.")


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["arrangements"])
    may_write = needs(Scope.ARRANGEMENTS_WRITE)

    @routes.post(
        "/promises",
        status_code=201,
        response_model=PromiseShape,
        summary="Takes a promise",
        operation_id="make_promise",
        responses=ACT_PROBLEMS,
    )
    def promise(told: PromiseIn, call: NamedCall, caller: Annotated[Caller, may_write]) -> Response:
        def work(session: Session, now: datetime) -> PromiseShape:
            ensure_own_customer(session, caller, told.customer_id)
            with within_the_envelope():
                made = make_promise(
                    session,
                    customer_id=told.customer_id,
                    amount=Money(told.amount_minor, told.currency),
                    due_on=told.due_on,
                    made_by=MadeBy.STAFF,
                    now=now,
                )
            return PROMISES.find(session, caller, made.promise_id)

        return do(desk, caller, call, work, status=201)

    @routes.post(
        "/plans",
        status_code=201,
        response_model=PlanShape,
        summary="Agrees a plan",
        operation_id="agree_plan",
        responses=ACT_PROBLEMS,
    )
    def plan(told: PlanIn, call: NamedCall, caller: Annotated[Caller, may_write]) -> Response:
        def work(session: Session, now: datetime) -> PlanShape:
            ensure_own_customer(session, caller, told.customer_id)
            parts = [Part(Money(p.amount_minor, told.currency), p.due_on) for p in told.parts]
            with within_the_envelope():
                plan_id = agree_plan(
                    session,
                    customer_id=told.customer_id,
                    parts=parts,
                    agreed_by=MadeBy.STAFF,
                    now=now,
                )
            return PLANS.find(session, caller, plan_id)

        return do(desk, caller, call, work, status=201)

    @routes.post(
        "/disputes",
        status_code=201,
        response_model=DisputeShape,
        summary="Opens a dispute",
        operation_id="open_dispute",
        responses=ACT_PROBLEMS,
    )
    def dispute(told: DisputeIn, call: NamedCall, caller: Annotated[Caller, may_write]) -> Response:
        def work(session: Session, now: datetime) -> DisputeShape:
            ensure_own_customer(session, caller, told.customer_id)
            words = heed(session, told.customer_id, told.words, message_id=None, now=now)
            try:
                facts = told.model_dump() | {"words": words}
                dispute_id = dispute_invoice(session, **facts, now=now)
            except UnknownInvoice:
                raise not_found() from None
            return DISPUTES.find(session, caller, dispute_id)

        return do(desk, caller, call, work, status=201)

    @routes.post(
        "/disputes/{id}/resolution",
        response_model=DisputeShape,
        summary="Ends a dispute",
        operation_id="resolve_dispute",
        responses=ACT_PROBLEMS,
    )
    def resolve(
        id_: PathId, told: DisputeEnd, call: NamedCall, caller: Annotated[Caller, may_write]
    ) -> Response:
        def work(session: Session, now: datetime) -> DisputeShape:
            DISPUTES.find(session, caller, id_)
            resolve_dispute(session, dispute_id=id_, upheld=told.upheld, now=now)
            return DISPUTES.find(session, caller, id_)

        return do(desk, caller, call, work)

    return routes
