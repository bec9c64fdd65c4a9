"""Starting, changing and stopping campaigns."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import IfMatch, PathId, Told, ensure_version
from app.api.bookings.shapes import Text
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.outreach import CAMPAIGNS, CampaignShape
from app.api.owner import creditor_of
from app.api.problems import ACT_PROBLEMS, Fault, invalid
from app.api.scopes import Scope
from app.engine.campaigns import CampaignRefused, CampaignTold, add_campaign, change_campaign
from app.engine.catalogue import Catalogue

Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Priority = Annotated[int, Field(strict=True, ge=-1000, le=1000)]


class CampaignIn(Told):
    """A campaign that is to be. Its cases open with the next enrolment, within minutes."""

    creditor: Text | None = Field(default=None, description="Its external id.")
    name: Text = Field(examples=["consumer_gentle"])
    journey: Text = Field(examples=["consumer_gentle"])
    audience: Text | None = Field(
        default=None,
        description="A condition over the facts of a customer; all of its subject unless told.",
        examples=["days_past_due >= 3 and locale == 'he'"],
    )
    control_share: Share = 0.0
    priority: Priority = 0
    active: bool = True


class CampaignChange(Told):
    """What may change of a campaign. What is left out stays."""

    audience: Text | None = None
    control_share: Share | None = None
    priority: Priority | None = None
    active: bool | None = Field(default=None, examples=[False])


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["cases"])
    catalogue = Catalogue()
    may_write = needs(Scope.CASES_WRITE)

    @routes.post(
        "/campaigns",
        status_code=201,
        response_model=CampaignShape,
        summary="Starts a campaign",
        operation_id="add_campaign",
        responses=ACT_PROBLEMS,
    )
    def add(told: CampaignIn, call: NamedCall, caller: Annotated[Caller, may_write]) -> Response:
        def work(session: Session, _: Any) -> CampaignShape:
            creditor = creditor_of(session, caller, told.creditor)
            wanted = CampaignTold(**told.model_dump(exclude={"creditor"}))
            try:
                made = add_campaign(session, catalogue, creditor.id, wanted)
            except CampaignRefused as problem:
                raise _refused(problem) from None
            return CAMPAIGNS.find(session, caller, made)

        return do(desk, caller, call, work, status=201)

    @routes.patch(
        "/campaigns/{id}",
        response_model=CampaignShape,
        summary="Changes a campaign, or stops it",
        description="A campaign that is not active opens no more cases; those that run go on.",
        operation_id="change_campaign",
        responses=ACT_PROBLEMS,
    )
    def change(
        id_: PathId,
        told: CampaignChange,
        call: NamedCall,
        caller: Annotated[Caller, may_write],
        if_match: IfMatch = None,
    ) -> Response:
        def work(session: Session, _: Any) -> CampaignShape:
            ensure_version(session, caller, CAMPAIGNS, id_, if_match)
            facts = told.model_dump(exclude_unset=True)
            missing = [f for f, value in facts.items() if value is None and f != "audience"]
            if missing:
                faults = [Fault(pointer=f"/body/{name}", reason="is null") for name in missing]
                raise invalid(faults)
            try:
                change_campaign(session, id_, facts)
            except CampaignRefused as problem:
                raise _refused(problem) from None
            return CAMPAIGNS.find(session, caller, id_)

        return do(desk, caller, call, work)

    return routes


def _refused(problem: CampaignRefused) -> Exception:
    return invalid([Fault(pointer=f"/body/{problem.field}", reason=str(problem))])
