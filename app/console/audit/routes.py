"""The audit trail as a page and as a table; verifying it."""

from __future__ import annotations

from threading import Lock
from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from app.console.audit.lines import as_csv, known_acts, listing
from app.console.audit.telling import Telling
from app.console.audit.words import kinds_called
from app.console.door import Visit, looks
from app.console.office import Office
from app.console.sentences import sentences_for
from app.staff.acts import VerifiedActs, verify_acts
from app.staff.roles import Right
from app.staff.users import all_users

SHOWN: Final = 50
Looks = Annotated[Visit, looks(Right.RUN)]


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/audit")
    one_at_a_time = Lock()

    @routes.get("")
    def listed(visit: Looks) -> Response:
        with office.database.read() as session:
            said = sentences_for(office, visit)
            lines = listing(visit.zone, kinds_called(said.say)).read(session, visit.asked)
            acts, users = known_acts(session), all_users(session)
            telling = Telling(session, said, lines.rows, may=visit.may)
        return office.page(
            visit,
            "console/audit/list.html",
            room="audit",
            lines=lines,
            acts=[(act, telling.short(act)) for act in acts],
            users=[user.sign_in for user in users],
            telling=telling,
        )

    @routes.get("/lines.csv")
    def table(visit: Looks) -> Response:
        called = kinds_called(sentences_for(office, visit).say)
        return StreamingResponse(
            as_csv(office.database, visit.zone, visit.asked, called),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="audit.csv"'},
        )

    @routes.get("/verify")
    def verified(visit: Looks) -> Response:
        if not one_at_a_time.acquire(blocking=False):
            return page_of(visit, None)
        try:
            with office.database.read() as session:
                return page_of(visit, verify_acts(session))
        finally:
            one_at_a_time.release()

    def page_of(visit: Visit, found: VerifiedActs | None) -> Response:
        """`found` None: somebody else is at it, and every line is read but once."""
        template = "console/audit/verified.html"
        return office.page(visit, template, room="audit", found=found, most=SHOWN)

    return routes
