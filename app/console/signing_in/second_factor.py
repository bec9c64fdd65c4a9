"""Setting up an authenticator app, its recovery codes, and taking it off. Each asks for the
password anew: a browser that somebody left open does not give the account away."""

from __future__ import annotations

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from app.console.door import Visit, acts, looks
from app.console.office import Office
from app.console.signing_in import faults
from app.console.signing_in.account import ACCOUNT
from app.console.signing_in.desks import desk_of
from app.staff.own_password import is_themselves
from app.staff.roles import Right
from app.staff.second_factor import CodeRefused, renew_codes, turn_off, turn_on
from app.staff.totp import is_secret, new_secret, uri_of
from app.staff.users import user_of
from app.web.catalogues import N_

PLACE = "/account/second-factor"
WRONG_CODE = N_("That is not the code that the app shows now. Wait for the next one.")
OFF = N_("No code is asked for any more when you sign in.")


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    def form(
        visit: Visit, secret: str, wrong: faults.Faults | None = None, status: int = 200
    ) -> Response:
        with office.database.read() as session:
            user = user_of(session, visit.user_id)
        assert user is not None
        return office.page(
            visit,
            "console/signing_in/second_factor.html",
            room="account",
            status=status,
            is_on=user.totp is not None,
            left=len(user.recovery),
            secret=secret,
            picture=picture_of(uri_of(secret, visit.by)),
            faults=wrong or {},
        )

    def codes(visit: Visit, shown: tuple[str, ...]) -> Response:
        template = "console/signing_in/codes.html"
        return office.page(visit, template, room="account", codes=shown)

    async def refused(request: Request, visit: Visit, secret: str) -> Response | None:
        """Why not to go on: the password is not theirs."""
        now = office.clock.now()
        given = visit.typed.get("old", "")
        found = await is_themselves(desk_of(office, request), visit, given, now)
        if found is None:
            return None
        wrong = faults.of_proof(office, visit.language, found, "old", now)
        return await run_in_threadpool(form, visit, secret, wrong, faults.status_of(found))

    @routes.get(PLACE)
    def shown(visit: Annotated[Visit, looks()]) -> Response:
        return form(visit, new_secret())

    @routes.post(PLACE)
    async def on(request: Request, visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        given = visit.typed.get("secret", "")
        secret = given if is_secret(given) else new_secret()
        no = await refused(request, visit, secret)
        if no is not None:
            return no
        return await run_in_threadpool(switched_on, visit, secret)

    def switched_on(visit: Visit, secret: str) -> Response:
        code = visit.typed.get("code", "")
        try:
            with office.act(visit, "second_factor_on", about=("user", visit.user_id)) as doing:
                made = turn_on(
                    doing.session, visit.user_id, secret, code, key=office.secret, now=doing.now
                )
        except CodeRefused:
            return form(visit, secret, {"code": office.say(visit, WRONG_CODE)}, 422)
        return codes(visit, made)

    @routes.post(f"{PLACE}/codes")
    async def renewed(request: Request, visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        no = await refused(request, visit, new_secret())
        return no if no is not None else await run_in_threadpool(renew, visit)

    def renew(visit: Visit) -> Response:
        with office.act(visit, "recovery_codes_made", about=("user", visit.user_id)) as doing:
            made = renew_codes(doing.session, visit.user_id)
        return codes(visit, made)

    @routes.post(f"{PLACE}/off")
    async def off(request: Request, visit: Annotated[Visit, acts(Right.LOOK)]) -> Response:
        no = await refused(request, visit, new_secret())
        return no if no is not None else await run_in_threadpool(switched_off, visit)

    def switched_off(visit: Visit) -> Response:
        with office.act(visit, "second_factor_off", about=("user", visit.user_id)) as doing:
            turn_off(doing.session, visit.user_id)
        return office.back(ACCOUNT, OFF)

    return routes


def picture_of(uri: str) -> Any:
    """A code to scan, black on white in any scheme, as the `src` of an image."""
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="#fff", dark="#000")
