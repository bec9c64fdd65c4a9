"""Whether a code that a customer types at the creditor's own site stands on their page today."""

from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import Session

from app.api.acts.parts import Told
from app.api.bookings.shapes import Text
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.limits import Limits
from app.api.owner import creditor_of
from app.api.problems import ACT_PROBLEMS, Problem
from app.api.scopes import Scope
from app.store.given import table_of
from app.store.rows import Customer
from app.wording.daily_codes import is_daily_code
from campaigns.calendar import local_date

TRIES_AN_HOUR: Final = 20
"""For one customer. Two codes of 28^6 are right: nobody comes near one by trying."""
_CUSTOMER = table_of(Customer)


class PageCodeIn(Told):
    """What somebody typed at the creditor's site, with their customer number."""

    creditor: Text | None = Field(
        default=None,
        description="Its external id. Not needed by a key of one creditor.",
        examples=["northwind"],
    )
    customer: Text = Field(description="The customer's external id.", examples=["C-10042"])
    code: Annotated[str, Field(max_length=40, examples=["K7M-3XW"])]


class PageCodeShape(BaseModel):
    """`genuine`: the page that shows this code is ours, and is this customer's."""

    genuine: bool


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["book"])
    tries = Limits(TRIES_AN_HOUR, window_s=3600)

    @routes.post(
        "/page-codes/checks",
        response_model=PageCodeShape,
        summary="Says whether a code stands on a customer's page today",
        description="For the creditor's own site, where a customer asks whether our page is"
        " genuine. A customer whom nobody knows, and a code that is not theirs, answer alike."
        " A customer is asked about 20 times an hour at most.",
        operation_id="check_page_code",
        responses=ACT_PROBLEMS,
    )
    def check(
        told: PageCodeIn, caller: Annotated[Caller, needs(Scope.PAGE_CODES)]
    ) -> PageCodeShape:
        now = desk.clock.now()
        with desk.database.read() as session:
            creditor = creditor_of(session, caller, told.creditor)
            asked = tries.take(f"{creditor.id}/{told.customer}", now.timestamp())
            if not asked.granted:
                raise Problem(
                    429, "too_many_calls", "This customer was asked about too often",
                    f"Ask again in {asked.wait_s} seconds.", headers=asked.headers,
                )  # fmt: skip
            today = local_date(now, ZoneInfo(creditor.zone))
            id_ = _id(session, creditor.id, told.customer)
            # A customer whom nobody knows is asked about like any other, and just as long.
            is_right = is_daily_code(desk.secret, id_ or 0, told.code, today)
        return PageCodeShape(genuine=is_right and id_ is not None)

    return routes


def _id(session: Session, creditor_id: int, external_id: str) -> int | None:
    query = select(_CUSTOMER.c.id).where(
        _CUSTOMER.c.creditor_id == creditor_id,
        _CUSTOMER.c.external_id == external_id,
        _CUSTOMER.c.erased_at.is_(None),
    )
    return session.connection().scalar(query)
