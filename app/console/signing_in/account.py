"""Everybody's own account: name, language, zone, password, and where they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from app.console.door import Visit, acts, looks, note
from app.console.office import Office
from app.console.signing_in import faults
from app.console.signing_in.desks import cookie_of, desk_of, tongues
from app.console.signing_in.devices import device_of
from app.console.zones import zone_groups, zones_of_house
from app.staff.own_password import Done, change_own
from app.staff.passwords import SHORTEST, PasswordRefused
from app.staff.roles import Right
from app.staff.sessions import SignedIn, end_session, end_sessions, sessions_of, signed_in
from app.staff.users import UserRefused, set_profile, user_of
from app.web.catalogues import N_

ACCOUNT = "/console/account"
SAVED = N_("Saved.")
CHANGED = N_("Your password is changed. All other devices are signed out.")
DEVICE_OUT = N_("That device is signed out.")
OTHERS_OUT = N_("All other devices are signed out.")


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    def here(request: Request) -> SignedIn:
        with office.database.read() as session:
            token = request.cookies.get(cookie_of(request), "")
            found = signed_in(session, token, office.clock.now())
        if found is None:
            raise HTTPException(409)
        return found

    def page(
        visit: Visit, wrong: faults.Faults | None = None, typed: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:  # fmt: skip
        now = office.clock.now()
        with office.database.read() as session:
            user = user_of(session, visit.user_id)
            sessions = sessions_of(session, visit.user_id, now)
            house = zones_of_house(session)
        assert user is not None
        own = {"name": user.name, "language": user.language, "zone": user.zone}
        return office.page(
            visit,
            "console/signing_in/account.html",
            room="account",
            status=status,
            user=user,
            typed={**own, **(typed or {})},
            faults=wrong or {},
            sessions=sessions,
            here=here(visit.request).id,
            device_of=device_of,
            tongues=tongues(),
            zones=zone_groups(visit.language, house, (typed or own)["zone"]),
            shortest=SHORTEST,
        )

    @routes.get("/account")
    def shown(visit: Annotated[Visit, looks()]) -> Response:
        return page(visit)

    @routes.post("/account")
    def saved(visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        given = {name: visit.typed.get(name, "") for name in ("name", "language", "zone")}
        try:
            with office.act(visit, "profile_changed", about=("user", visit.user_id)) as doing:
                set_profile(doing.session, visit.user_id, **given)
        except UserRefused as problem:
            return page(visit, faults.of_user(office, visit.language, problem), given, 422)
        return office.back(ACCOUNT, SAVED)

    @routes.post("/account/password")
    async def password(request: Request, visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        old, new = visit.typed.get("old", ""), visit.typed.get("password", "")
        found, now = await run_in_threadpool(here, request), office.clock.now()
        try:
            done = await change_own(desk_of(office, request), found, old, new, now)
        except PasswordRefused as problem:
            wrong = faults.of_password(office, visit.language, problem)
            return await run_in_threadpool(page, visit, wrong, None, 422)
        if isinstance(done, Done):
            note("password_changed")
            return office.back(ACCOUNT, CHANGED)
        wrong = faults.of_proof(office, visit.language, done, "old", now)
        return await run_in_threadpool(page, visit, wrong, None, faults.status_of(done))

    @routes.post("/account/sessions/{session_id}/end")
    def out(visit: Annotated[Visit, acts(Right.LOOK)], session_id: int) -> Response:
        with office.act(visit, "session_ended", about=("user", visit.user_id)) as doing:
            doing.detail["session"] = session_id
            if not end_session(doing.session, visit.user_id, session_id, doing.now):
                raise HTTPException(404)
        return office.back(ACCOUNT, DEVICE_OUT)

    @routes.post("/account/sessions/end-others")
    def others_out(request: Request, visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        found = here(request)
        with office.act(visit, "sessions_ended", about=("user", visit.user_id)) as doing:
            ended = end_sessions(doing.session, visit.user_id, doing.now, but=found.id)
            doing.detail["ended"] = ended
        return office.back(ACCOUNT, OTHERS_OUT)

    return routes
