"""Plans that customers asked for and could not agree alone: somebody decides on them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import PathId, Told, within_the_envelope
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.told import PLAN_WISHES, PlanWishShape
from app.api.problems import ACT_PROBLEMS, Problem
from app.api.scopes import Scope
from app.intake.plan_wishes import UnknownWish, agree_wish, decline_wish


class PlanWishEnd(Told):
    agreed: bool = Field(
        description="True: the plan runs as it was asked for, over what is open now. False: nothing"
        " is agreed, and a person tells the customer."
    )


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["arrangements"])
    may_write = needs(Scope.ARRANGEMENTS_WRITE)

    @routes.post(
        "/plan-wishes/{id}/decision",
        response_model=PlanWishShape,
        summary="Decides on a plan that was asked for",
        operation_id="decide_plan_wish",
        responses=ACT_PROBLEMS,
    )
    def decide(
        id_: PathId, told: PlanWishEnd, call: NamedCall, caller: Annotated[Caller, may_write]
    ) -> Response:
        def work(session: Session, now: datetime) -> PlanWishShape:
            PLAN_WISHES.find(session, caller, id_)
            end = agree_wish if told.agreed else decline_wish
            try:
                with within_the_envelope():
                    end(session, id_, decided_by=caller.name, now=now)
            except UnknownWish:
                title = "Somebody has decided on it, or another wish has taken its place"
                raise Problem(409, "wish_decided", title, "Read it again.") from None
            return PLAN_WISHES.find(session, caller, id_)

        return do(desk, caller, call, work)

    return routes
