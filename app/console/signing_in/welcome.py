"""Setting a password by a link: the first admin, who is invited, who forgot theirs."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.console.office import Office
from app.console.signing_in import faults
from app.console.signing_in.desks import (
    SIGN_IN,
    Typed,
    alone,
    desk_of,
    ensure_ours,
    tongue_of,
    tongues,
)
from app.console.zones import zone_groups, zones_of_house
from app.staff.links import Purpose, link_of
from app.staff.own_password import LinkRefused, Newcomer, set_by_link
from app.staff.passwords import SHORTEST, PasswordRefused
from app.staff.users import UserRefused


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/welcome/{token}")
    def welcomed(request: Request, token: str) -> Response:
        with office.database.read() as session:
            link = link_of(session, token, office.clock.now())
        if link is None:
            return alone(office, request, "link_over.html", 410)
        return form_of(request, link.purpose, {}, {}, 200)

    def form_of(
        request: Request, purpose: str, typed: Mapping[str, str], wrong: faults.Faults, status: int
    ) -> Response:
        with office.database.read() as session:
            house = zones_of_house(session)
        language = tongue_of(request)
        told = {"language": language, "zone": house[0] if house else "UTC", **typed}
        return alone(
            office,
            request,
            "welcome.html",
            status,
            is_first=purpose == Purpose.FIRST_ADMIN,
            typed=told,
            faults=wrong,
            tongues=tongues(),
            zones=zone_groups(language, house, told["zone"]),
            shortest=SHORTEST,
        )

    @routes.post("/welcome/{token}")
    async def came(request: Request, token: str, typed: Typed) -> Response:
        ensure_ours(office, request)
        now, language = office.clock.now(), tongue_of(request)
        newcomer = _newcomer(typed) if "sign_in" in typed else None
        purpose = Purpose.FIRST_ADMIN if newcomer else Purpose.INVITED
        password = typed.get("password", "")
        kept = {name: value for name, value in typed.items() if name != "password"}
        try:
            await set_by_link(desk_of(office, request), token, password, now, newcomer=newcomer)
        except LinkRefused:
            return alone(office, request, "link_over.html", 410)
        except PasswordRefused as problem:
            wrong = faults.of_password(office, language, problem)
            return form_of(request, purpose, kept, wrong, 422)
        except UserRefused as problem:
            return form_of(request, purpose, kept, faults.of_user(office, language, problem), 422)
        return RedirectResponse(f"{SIGN_IN}?set=1", 303)

    return routes


def _newcomer(typed: Mapping[str, str]) -> Newcomer:
    return Newcomer(
        typed["sign_in"],
        typed.get("name", ""),
        typed.get("language", ""),
        typed.get("zone", ""),
    )
