"""Holds that a law knows: the rule packs say how long each lasts and what it freezes."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import Told, ensure_own_customer
from app.api.bookings.shapes import Day
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.arrangements import HOLDS, HoldShape
from app.api.problems import ACT_PROBLEMS, Problem
from app.api.scopes import Scope
from app.api.shape import IdTold
from app.engine.catalogue import Catalogue
from app.intake.legal_holds import HoldRefused, Placed, end_legal_hold, place_legal_hold
from campaigns.vocabulary import HoldKind

Kind = Literal[
    "breathing_space", "mental_health_crisis", "debt_advice", "attorney", "cease", "objection"
]
_Act = Callable[[Session, Catalogue, int, HoldKind, date, datetime], Placed]


class HoldIn(Told):
    """A hold from the start of that day. One that is on is extended, where its law allows that."""

    customer_id: IdTold
    kind: Kind = Field(examples=["breathing_space"])
    starts_on: Day


class HoldEnd(Told):
    """The cause of a hold that has no end was over on that day."""

    customer_id: IdTold
    kind: Kind = Field(examples=["mental_health_crisis"])
    over_on: Day


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["arrangements"])
    catalogue = Catalogue()
    may_write = needs(Scope.ARRANGEMENTS_WRITE)

    @routes.post(
        "/holds",
        status_code=201,
        response_model=HoldShape,
        summary="Holds a customer, as a law says",
        operation_id="place_hold",
        responses=ACT_PROBLEMS,
    )
    def place(told: HoldIn, call: NamedCall, caller: Annotated[Caller, may_write]) -> Response:
        def work(session: Session, now: datetime) -> HoldShape:
            return done(session, caller, place_legal_hold, told, told.starts_on, now)

        return do(desk, caller, call, work, status=201)

    @routes.post(
        "/holds/ends",
        response_model=HoldShape,
        summary="Says that the cause of a hold is over",
        operation_id="end_hold",
        responses=ACT_PROBLEMS,
    )
    def end(told: HoldEnd, call: NamedCall, caller: Annotated[Caller, may_write]) -> Response:
        def work(session: Session, now: datetime) -> HoldShape:
            return done(session, caller, end_legal_hold, told, told.over_on, now)

        return do(desk, caller, call, work)

    def done(
        session: Session, caller: Caller, act: _Act, told: HoldIn | HoldEnd, day: date,
        now: datetime,
    ) -> HoldShape:  # fmt: skip
        ensure_own_customer(session, caller, told.customer_id)
        catalogue.refresh(session)
        try:
            hold = act(session, catalogue, told.customer_id, HoldKind(told.kind), day, now)
        except HoldRefused as problem:
            title = "No such hold can be placed or ended"
            raise Problem(409, "hold_refused", title, str(problem)) from None
        return HOLDS.find(session, caller, hold.hold_id)

    return routes
