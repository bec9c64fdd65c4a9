"""Signing in, by password and code; signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.console.door import Visit, acts
from app.console.office import Office
from app.console.signing_in import faults
from app.console.signing_in.desks import (
    SIGN_IN,
    Typed,
    alone,
    cookie_of,
    desk_of,
    ensure_ours,
    give_cookie,
    place_after,
    take_cookie,
    tongue_of,
)
from app.staff.roles import Right
from app.staff.sessions import end_session, signed_in
from app.staff.signing_in import Answer, CodeNeeded, NotYet, Welcome, bring_code, sign_in
from app.web.catalogues import N_

SET = N_("Your password is set. Sign in with it.")
CODE_NOT_RIGHT = N_("That code is wrong, or was used already. Wait for the next one.")
FAILED_BEFORE = N_("Somebody tried to sign in as you before and failed. Tries: %(tries)s")


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    def answered(request: Request, found: Answer, after: str, name: str, ticket: str) -> Response:
        """What comes of a try. `ticket` is that of a code's try."""
        if isinstance(found, Welcome):
            said = FAILED_BEFORE if found.failed else ""
            answer = office.back(after, said, is_bad=True, tries=found.failed)
            give_cookie(answer, office, request, found.token)
            return answer
        if isinstance(found, CodeNeeded):
            return alone(office, request, "code.html", ticket=found.ticket, after=after, fault="")
        say, language = office.pages.words, tongue_of(request)
        status = faults.status_of(found)
        wrong = CODE_NOT_RIGHT if ticket else faults.NOT_RIGHT
        fault = (
            faults.too_many(office, language, found, office.clock.now())
            if isinstance(found, NotYet)
            else say(language, wrong)
        )
        if ticket:
            return alone(
                office, request, "code.html", status, ticket=ticket, after=after, fault=fault
            )
        facts = {"called": name, "after": after, "fault": fault, "said": ""}
        return alone(office, request, "sign_in.html", status, **facts)

    @routes.get("/sign-in")
    def shown(request: Request) -> Response:
        after = place_after(request.query_params.get("next", ""))
        said = office.pages.words(tongue_of(request), SET) if "set" in request.query_params else ""
        return alone(office, request, "sign_in.html", called="", after=after, fault="", said=said)

    @routes.post("/sign-in")
    async def tried(request: Request, typed: Typed) -> Response:
        ensure_ours(office, request)
        name, password = typed.get("name", ""), typed.get("password", "")
        found = await sign_in(desk_of(office, request), name, password, office.clock.now())
        return answered(request, found, place_after(typed.get("after", "")), name, "")

    @routes.post("/sign-in/code")
    async def brought(request: Request, typed: Typed) -> Response:
        ensure_ours(office, request)
        ticket, code = typed.get("ticket", ""), typed.get("code", "")
        after = place_after(typed.get("after", ""))
        found = await bring_code(desk_of(office, request), ticket, code, office.clock.now())
        return answered(request, found, after, "", ticket or "none")

    @routes.post("/sign-out")
    def left(request: Request, visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        with office.act(visit, "signed_out", about=("user", visit.user_id)) as doing:
            token = request.cookies.get(cookie_of(request), "")
            found = signed_in(doing.session, token, doing.now)
            if found is not None:
                end_session(doing.session, visit.user_id, found.id, doing.now)
        answer = RedirectResponse(SIGN_IN, 303)
        take_cookie(answer, office, request)
        return answer

    return routes
