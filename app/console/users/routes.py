"""Inviting users, changing what they may do, keeping them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row
from starlette.responses import Response

from app.console.door import Visit, acts, looks
from app.console.office import Office
from app.console.signing_in import faults
from app.console.signing_in.desks import tongues
from app.console.users.words import chosen_roles, names_of, shown_roles
from app.console.zones import zone_groups, zones_of_house
from app.staff.links import LASTS, Purpose, address_of, make_link
from app.staff.roles import Right, Role
from app.staff.second_factor import turn_off
from app.staff.sessions import end_sessions, sessions_of
from app.staff.users import (
    UserRefused,
    all_users,
    disable_user,
    enable_user,
    make_user,
    roles_of,
    set_roles,
    user_of,
)
from app.web.catalogues import N_

PLACE = "/console/users"
ROLES_CHANGED = N_("The roles are changed. They count at once.")
KEPT_OUT = N_("They cannot come in any more, and are signed out everywhere.")
LET_IN = N_("They can come in again, by the password that they had.")
SIGNED_OUT = N_("They are signed out everywhere.")
_TYPED: Final = ("sign_in", "name", "language", "zone")
Looks = Annotated[Visit, looks(Right.RUN)]
Acts = Annotated[Visit, acts(Right.RUN)]


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/users")
    _add_looks(routes, office)
    _add_inviting(routes, office)
    _add_changing(routes, office)
    return routes


def _add_looks(routes: APIRouter, office: Office) -> None:
    @routes.get("")
    def listed(visit: Looks) -> Response:
        return _all(office, visit)

    @routes.get("/{user_id}")
    def one(visit: Looks, user_id: int) -> Response:
        return _one(office, visit, user_id)


def _add_inviting(routes: APIRouter, office: Office) -> None:
    @routes.post("")
    def invited(visit: Acts) -> Response:
        chosen = chosen_roles(visit)
        typed = {
            name: visit.typed.get(name, "") for name in ("sign_in", "name", "language", "zone")
        }
        try:
            with office.act(visit, "user_invited") as doing:
                user_id = make_user(
                    doing.session, **typed, roles=chosen, by=doing.by, now=doing.now
                )
                token = make_link(
                    doing.session, user_id, Purpose.INVITED, by=doing.by, now=doing.now
                )
                doing.detail.update(user=user_id, roles=sorted(chosen))
        except UserRefused as problem:
            wrong = faults.of_user(office, visit.language, problem)
            return _all(office, visit, wrong, typed, chosen, 422)
        return _link(office, visit, user_id, Purpose.INVITED, token)

    @routes.post("/{user_id}/link")
    def linked(visit: Acts, user_id: int) -> Response:
        drops = "drop" in visit.typed
        with office.act(visit, "link_made", about=("user", user_id)) as doing:
            row = user_of(doing.session, user_id)
            if row is None or row.disabled_at is not None:
                raise HTTPException(404)
            purpose = Purpose.FORGOTTEN if row.password else Purpose.INVITED
            token = make_link(doing.session, user_id, purpose, by=doing.by, now=doing.now)
            if drops:
                turn_off(doing.session, user_id)
            doing.detail.update(purpose=purpose, second_factor_dropped=drops)
        return _link(office, visit, user_id, purpose, token)


def _add_changing(routes: APIRouter, office: Office) -> None:
    @routes.post("/{user_id}/roles")
    def changed(visit: Acts, user_id: int) -> Response:
        chosen = chosen_roles(visit)
        try:
            with office.act(visit, "roles_changed", about=("user", user_id)) as doing:
                before = _row(doing.session, user_id)
                set_roles(doing.session, user_id, chosen)
                doing.detail.update(before=before.roles, roles=sorted(chosen))
        except UserRefused as problem:
            wrong = faults.of_user(office, visit.language, problem)
            return _one(office, visit, user_id, wrong, chosen, 422)
        return office.back(f"{PLACE}/{user_id}", ROLES_CHANGED)

    @routes.post("/{user_id}/disable")
    def disabled(visit: Acts, user_id: int) -> Response:
        try:
            with office.act(visit, "user_disabled", about=("user", user_id)) as doing:
                _row(doing.session, user_id)
                disable_user(doing.session, user_id, by=doing.by, now=doing.now)
        except UserRefused as problem:
            wrong = faults.of_user(office, visit.language, problem)
            return _one(office, visit, user_id, wrong, status=422)
        return office.back(f"{PLACE}/{user_id}", KEPT_OUT, undo=f"{PLACE}/{user_id}/enable")

    @routes.post("/{user_id}/enable")
    def enabled(visit: Acts, user_id: int) -> Response:
        with office.act(visit, "user_enabled", about=("user", user_id)) as doing:
            _row(doing.session, user_id)
            enable_user(doing.session, user_id)
        return office.back(f"{PLACE}/{user_id}", LET_IN)

    @routes.post("/{user_id}/sign-out")
    def put_out(visit: Acts, user_id: int) -> Response:
        with office.act(visit, "sessions_ended", about=("user", user_id)) as doing:
            _row(doing.session, user_id)
            doing.detail["ended"] = end_sessions(doing.session, user_id, doing.now)
        return office.back(f"{PLACE}/{user_id}", SIGNED_OUT)


def _all(
    office: Office,
    visit: Visit,
    wrong: faults.Faults | None = None,
    typed: Mapping[str, str] | None = None,
    chosen: frozenset[Role] = frozenset({Role.AGENT}),
    status: int = 200,
) -> Response:
    with office.database.read() as session:
        rows = all_users(session)
        house = zones_of_house(session)
    told = {"language": visit.language, "zone": visit.zone, **(typed or {})}
    return office.page(
        visit,
        "console/users/list.html",
        room="users",
        status=status,
        users=[(row, names_of(office, visit, row)) for row in rows],
        roles=shown_roles(office, visit, chosen),
        typed=told,
        faults=wrong or {},
        tongues=tongues(),
        zones=zone_groups(visit.language, house, told["zone"]),
    )


def _one(
    office: Office,
    visit: Visit,
    user_id: int,
    wrong: faults.Faults | None = None,
    chosen: frozenset[Role] | None = None,
    status: int = 200,
) -> Response:
    with office.database.read() as session:
        row = _row(session, user_id)
        sessions = sessions_of(session, user_id, office.clock.now())
    return office.page(
        visit,
        "console/users/one.html",
        room="users",
        status=status,
        user=row,
        names=names_of(office, visit, row),
        roles=shown_roles(office, visit, roles_of(row) if chosen is None else chosen),
        sessions=sessions,
        faults=wrong or {},
    )


def _link(office: Office, visit: Visit, user_id: int, purpose: Purpose, token: str) -> Response:
    with office.database.read() as session:
        row = _row(session, user_id)
    return office.page(
        visit,
        "console/users/link.html",
        room="users",
        user=row,
        link=address_of(office.settings.console_origin, token),
        until=office.clock.now() + LASTS[purpose],
    )


def _row(session: Any, user_id: int) -> Row[Any]:
    row = user_of(session, user_id)
    if row is None:
        raise HTTPException(404)
    return row
