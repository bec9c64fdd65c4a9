"""What happened elsewhere and journeys react to: told on the phone, by letter, at a counter."""

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import Response

from app.api.acts.parts import Told, ensure_own_customer
from app.api.bookings.shapes import Day, Text
from app.api.calls import NamedCall, do
from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.book import CONTACT_POINTS, CREDITORS, CUSTOMERS
from app.api.problems import ACT_PROBLEMS, Fault, invalid, not_found
from app.api.scopes import Scope
from app.api.shape import Id, IdTold
from app.intake.details import confirm_details
from app.intake.hardship import report_hardship
from app.intake.notices import record_notice
from app.intake.replies.typed import heed
from app.intake.wrong_persons import report_wrong_person
from app.store.given import rows_by_id
from app.store.rows import ContactPoint
from campaigns.calendar import local_date
from campaigns.duties import Act


class HardshipReported(Told):
    """The customer cannot pay now: nobody writes for a month, and a person takes over."""

    kind: Literal["hardship_reported"]
    customer_id: IdTold
    cause: Literal["hardship", "illness", "unemployment", "other"] = "hardship"
    words: Text | None = Field(default=None, description="The customer's own.")


class WrongPersonReported(Told):
    """Somebody else reads this number or mailbox: it is never used again for this customer."""

    kind: Literal["wrong_person_reported"]
    customer_id: IdTold
    contact_point_id: IdTold


class DetailsConfirmed(Told):
    """The customer looked at their details. What has changed is told by `POST /customers`."""

    kind: Literal["details_confirmed"]
    customer_id: IdTold
    pay_day: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=31,
        description="The day of the month on which pay comes; else none.",
    )


class NoticeGiven(Told):
    """A letter of yours that the law counts from was given on that day."""

    kind: Literal["notice_given"]
    customer_id: IdTold
    notice: Literal["validation_notice", "written_debt_notice", "pre_transfer_notice"]
    on: Day


EventTold: TypeAlias = Annotated[
    HardshipReported | WrongPersonReported | DetailsConfirmed | NoticeGiven,
    Field(discriminator="kind"),
]


class EventNoted(BaseModel):
    """It is on record, and the customer's cases were woken."""

    kind: str = Field(examples=["hardship_reported"])
    customer_id: Id


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["events"])

    @routes.post(
        "/events",
        response_model=EventNoted,
        summary="Tells what happened elsewhere",
        description="It takes effect before this is answered. Payments, promises, disputes and"
        " stops have calls of their own.",
        operation_id="tell_event",
        responses=ACT_PROBLEMS,
    )
    def tell(
        told: EventTold, call: NamedCall, caller: Annotated[Caller, needs(Scope.EVENTS_WRITE)]
    ) -> Response:
        def work(session: Session, now: datetime) -> EventNoted:
            ensure_own_customer(session, caller, told.customer_id)
            _note(session, caller, told, now)
            return EventNoted(kind=told.kind, customer_id=told.customer_id)

        return do(desk, caller, call, work)

    return routes


def _note(session: Session, caller: Caller, told: EventTold, now: datetime) -> None:
    who = told.customer_id
    match told:
        case HardshipReported():
            words = heed(session, who, told.words, message_id=None, now=now)
            report_hardship(session, customer_id=who, kind=told.cause, words=words, now=now)
        case WrongPersonReported():
            address_id = _address(session, caller, told)
            report_wrong_person(session, customer_id=who, address_id=address_id, now=now)
        case DetailsConfirmed():
            day = told.pay_day
            confirm_details(
                session, customer_id=who, pay_day=day, words=None, message_id=None, now=now
            )
        case NoticeGiven():
            _ensure_past(session, caller, told, now)
            record_notice(session, who, Act(told.notice), told.on, now)


def _address(session: Session, caller: Caller, told: WrongPersonReported) -> int:
    point = CONTACT_POINTS.find(session, caller, told.contact_point_id)
    if point.customer_id != told.customer_id:
        raise not_found()
    return int(rows_by_id(session, ContactPoint, [point.id])[point.id].address_id)


def _ensure_past(session: Session, caller: Caller, told: NoticeGiven, now: datetime) -> None:
    """On the creditor's calendar, by which the law's days are counted from it."""
    customer = CUSTOMERS.find(session, caller, told.customer_id)
    zone = ZoneInfo(CREDITORS.find(session, caller, customer.creditor_id).zone)
    if told.on > local_date(now, zone):
        raise invalid([_FUTURE])


_FUTURE: Final = Fault(pointer="/body/on", reason="is in the future")
