"""Acts for one customer: holds, notes, preferences, a wrong person, links, the code of the day.

Each is an act that the book and the intake have already; here it gets a form and a line of audit.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, HTTPException
from sqlmodel import Session
from starlette.responses import Response

from app.book.choices import Choosable, ChosenBy, choose
from app.book.holders import wake_customers
from app.console.customers.desk import (
    LAWFUL,
    PATH,
    Id,
    again,
    day_of,
    page_of,
    to,
    zone_of_creditor,
)
from app.console.door import Visit, acts
from app.intake.concerned import stop_customer
from app.intake.holds import hold_of, place_hold, release_hold
from app.intake.legal_holds import HoldRefused, place_legal_hold
from app.intake.opt_outs import StopSaid, opt_out_person
from app.intake.own_hours import set_own_hours
from app.intake.page_links import end_links
from app.intake.replies.typed import heed
from app.intake.wrong_persons import report_wrong_person
from app.staff.roles import Right
from app.store.bulk import insert_returning_ids
from app.store.given import rows_by_id
from app.store.rows import ContactPoint, CustomerNote
from app.web.catalogues import N_
from app.wording.daily_codes import daily_code
from app.wording.files import LOCALES
from campaigns.calendar import at_local, local_date
from campaigns.reach import StopAct
from campaigns.vocabulary import HoldKind, Medium

if TYPE_CHECKING:
    from app.console.office import Office

LONGEST_NOTE: Final = 4000
LONGEST_WHY: Final = 200
LONGEST_HOLD: Final = timedelta(days=90)
NO_DAY: Final = N_("Choose a day from tomorrow on, within 90 days.")
NO_WORDS: Final = N_("Write something; at most 4,000 letters.")
NO_RULE: Final = N_("No rule of this creditor knows such a hold. Use a hold by the team instead.")
NO_START: Final = N_("Choose the day on which it began.")
NO_CHOICE: Final = N_("Choose one of the list.")
NOT_SURE: Final = N_("Tick that you are sure: this cannot be undone.")
NO_HOURS: Final = N_("Write hours as: mon-fri 09:00-17:00.")


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    _holds(routes, office)
    _words(routes, office)
    _wishes(routes, office)
    _links(routes, office)
    return routes


def _holds(routes: APIRouter, office: Office) -> None:
    @routes.post("/customers/{customer_id}/hold")
    def hold(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        kind = visit.typed.get("hold_kind", "")
        if kind in LAWFUL:
            return _lawful(office, visit, customer_id, HoldKind(kind))
        until = day_of(visit.typed, "hold_until")
        why = " ".join(visit.typed.get("hold_why", "").split())[:LONGEST_WHY]
        zone, now = zone_of_creditor(office, customer_id), office.clock.now()
        ends = at_local(until + timedelta(days=1), time(), zone) if until else now
        if not now < ends <= now + LONGEST_HOLD + timedelta(days=1):
            return again(office, visit, customer_id, "hold", {"hold_until": NO_DAY})
        with office.act(visit, "hold_placed", about=("customer", customer_id)) as doing:
            concerned = stop_customer(doing.session, customer_id)
            hold_id = place_hold(
                doing.session, concerned, HoldKind.STAFF, until=ends, why=why, now=doing.now
            )
            doing.detail.update({"hold": hold_id, "kind": "staff"})
        undo = f"{PATH}/{customer_id}/release/{hold_id}"
        return office.back(to(customer_id), N_("Held: nobody writes."), undo=undo)

    @routes.post("/customers/{customer_id}/release/{hold_id}")
    def release(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id, hold_id: Id) -> Response:
        with office.act(visit, "hold_released", about=("customer", customer_id)) as doing:
            row = hold_of(doing.session, hold_id)
            concerned = stop_customer(doing.session, customer_id)
            if row is None or row.person_id != concerned.person_id:
                raise HTTPException(409)
            doing.detail.update({"hold": hold_id, "kind": row.kind})
            release_hold(doing.session, hold_id, doing.now)
        return office.back(to(customer_id), N_("Released: the cases are decided again."))


def _lawful(office: Office, visit: Visit, customer_id: int, kind: HoldKind) -> Response:
    start = day_of(visit.typed, "hold_from")
    if start is None:
        return again(office, visit, customer_id, "hold", {"hold_from": NO_START})
    try:
        with office.act(visit, "hold_placed", about=("customer", customer_id)) as doing:
            office.catalogue.refresh(doing.session)
            placed = place_legal_hold(
                doing.session, office.catalogue, customer_id, kind, start, doing.now
            )
            doing.detail.update({"hold": placed.hold_id, "kind": str(kind)})
    except HoldRefused:
        return again(office, visit, customer_id, "hold", {"hold_kind": NO_RULE})
    undo = f"{PATH}/{customer_id}/release/{placed.hold_id}"
    return office.back(to(customer_id), N_("Held: nobody writes."), undo=undo)


def _words(routes: APIRouter, office: Office) -> None:
    @routes.post("/customers/{customer_id}/note")
    def note(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        """What tells of danger is not kept here: it is given to those who may read it."""
        words = visit.typed.get("words", "").strip()
        if not 0 < len(words) <= LONGEST_NOTE:
            return again(office, visit, customer_id, "note", {"words": NO_WORDS})
        zone_of_creditor(office, customer_id)
        with office.act(visit, "note_written", about=("customer", customer_id)) as doing:
            kept = heed(doing.session, customer_id, words, message_id=None, now=doing.now)
            if kept is not None:
                row = {"customer_id": customer_id, "words": kept, "by": visit.name, "at": doing.now}
                doing.detail["note"] = insert_returning_ids(doing.session, CustomerNote, [row])[0]
        apart = N_("That may be about danger: it was given to the care team, and is not kept here.")
        return office.back(to(customer_id), N_("Noted.") if kept is not None else apart)


def _wishes(routes: APIRouter, office: Office) -> None:
    @routes.post("/customers/{customer_id}/preference")
    def prefer(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        medium, locale = visit.typed.get("medium", ""), visit.typed.get("locale", "")
        hours = visit.typed.get("hours", "").strip()
        if medium not in {"", *Medium} or locale not in {"", *LOCALES}:
            return again(office, visit, customer_id, "preference", {"medium": NO_CHOICE})
        zone_of_creditor(office, customer_id)
        try:
            with office.act(visit, "preference_noted", about=("customer", customer_id)) as doing:
                _choose(doing.session, customer_id, medium, locale, doing.now, by=doing.by)
                told = {"staff": doing.by}
                by = ChosenBy.STAFF
                set_own_hours(doing.session, customer_id, hours, doing.now, by=by, told=told)
                doing.detail.update({"medium": medium, "locale": locale})
        except ValueError:
            return again(office, visit, customer_id, "preference", {"hours": NO_HOURS})
        return office.back(to(customer_id), N_("Noted, from the next message on."))

    @routes.post("/customers/{customer_id}/opt-out")
    def opt_out(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        """The customer said so on the phone: it takes effect before this is answered."""
        medium = visit.typed.get("stop_medium", "")
        if medium not in {"", *Medium}:
            return again(office, visit, customer_id, "opt-out", {"stop_medium": NO_CHOICE})
        zone_of_creditor(office, customer_id)
        with office.act(visit, "opt_out_noted", about=("customer", customer_id)) as doing:
            on = Medium(medium) if medium else None
            stop = StopSaid(StopAct.STAFF, on, f"console:{visit.user_id}", by=doing.by)
            opt_out_person(
                doing.session, stop, customer_id=customer_id, purpose=None, now=doing.now
            )
            doing.detail["medium"] = medium
        return office.back(to(customer_id), N_("Noted: nobody writes there again."))

    @routes.post("/customers/{customer_id}/wrong-person")
    def wrong_person(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        told = visit.typed.get("point", "")
        point_id = int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else 0
        if visit.typed.get("sure") != "yes":
            return again(office, visit, customer_id, "wrong-person", {"point": NOT_SURE})
        with office.act(visit, "wrong_person_reported", about=("customer", customer_id)) as doing:
            point = rows_by_id(doing.session, ContactPoint, [point_id]).get(point_id)
            if point is None or point.customer_id != customer_id:
                raise HTTPException(404)
            report_wrong_person(
                doing.session,
                customer_id=customer_id,
                address_id=point.address_id,
                now=doing.now,
            )
            doing.detail["address"] = point.address_id
        said = N_("The address is closed, and the team has a task to find the right one.")
        return office.back(to(customer_id), said)


def _choose(
    session: Session, customer_id: int, medium: str, locale: str, now: datetime, *, by: str
) -> None:
    stop_customer(session, customer_id)
    values: dict[Choosable, str | None] = {Choosable.PREFERRED_MEDIUM: medium or None}
    if locale:
        values[Choosable.LOCALE] = locale
    choose(session, customer_id, values, by=ChosenBy.STAFF, now=now, told={"staff": by})
    wake_customers(session, [customer_id], now=now)


def _links(routes: APIRouter, office: Office) -> None:
    @routes.post("/customers/{customer_id}/end-links")
    def end(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        zone_of_creditor(office, customer_id)
        with office.act(visit, "page_links_ended", about=("customer", customer_id)) as doing:
            ended = end_links(doing.session, customer_id, why="staff", now=doing.now)
            doing.detail["links"] = ended
        return office.back(to(customer_id), N_("Links that were ended: %(number)s."), number=ended)

    @routes.post("/customers/{customer_id}/code")
    def code(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        zone = zone_of_creditor(office, customer_id)
        with office.act(visit, "page_code_shown", about=("customer", customer_id)) as doing:
            today = local_date(doing.now, zone)
        shown = daily_code(office.secret, customer_id, today)
        return page_of(office, visit, customer_id, code=shown)
