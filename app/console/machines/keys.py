"""Keys of the API: made, replaced, ended. A key is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row, select
from sqlmodel import Session
from starlette.responses import Response

from app.api.keys import KeyRefused, Made, all_keys, make_key, revoke_key, rotate_key
from app.api.scopes import Scope
from app.console.door import Visit, acts, looks
from app.console.machines import words
from app.console.machines.endpoints import all_endpoints
from app.console.machines.words import PLACE, SCOPES
from app.console.office import Office
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Creditor

OVERLAP: Final = timedelta(hours=24)
"""The old key goes on so long, while its program is given the new one."""
_LONGEST_LIFE: Final = 3650  # days
_LONGEST_NAME: Final = 100
_CREDITOR: Final = table_of(Creditor)
_FIELD: Final = "scope_"
Looks = Annotated[Visit, looks(Right.RUN)]
Acts = Annotated[Visit, acts(Right.RUN)]


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/machines")

    @routes.get("")
    def listed(visit: Looks) -> Response:
        return page(office, visit)

    @routes.post("/keys")
    def made(visit: Acts) -> Response:
        chosen = [scope for scope in Scope if f"{_FIELD}{scope}" in visit.typed]
        days = visit.typed.get("days", "").strip()
        wrong = _faults(office, visit, chosen, days)
        if wrong:
            return page(office, visit, wrong, refused="key")
        with office.act(visit, "api_key_made") as doing:
            key = make_key(
                doing.session,
                name=visit.typed["name"].strip(),
                scopes=chosen,
                creditor=visit.typed.get("creditor") or None,
                by=doing.by,
                expires_at=doing.now + timedelta(days=int(days)) if days else None,
                now=doing.now,
            )
            doing.detail.update(key=key.id, scopes=chosen)
        return _shown_once(office, visit, key)

    @routes.post("/keys/{key_id}/rotate")
    def rotated(visit: Acts, key_id: int) -> Response:
        with office.act(visit, "api_key_replaced", about=("api_key", key_id)) as doing:
            try:
                key = rotate_key(doing.session, key_id, overlap=OVERLAP, by=doing.by, now=doing.now)
            except KeyRefused:
                raise HTTPException(409) from None
            doing.detail["key"] = key.id
        return _shown_once(office, visit, key)

    @routes.post("/keys/{key_id}/revoke")
    def revoked(visit: Acts, key_id: int) -> Response:
        with office.act(visit, "api_key_revoked", about=("api_key", key_id)) as doing:
            if not revoke_key(doing.session, key_id, doing.now):
                raise HTTPException(409)
        return office.back(PLACE, words.REVOKED)

    return routes


def page(
    office: Office,
    visit: Visit,
    faults: Mapping[str, str] | None = None,
    *,
    refused: Literal["", "key", "endpoint"] = "",
) -> Response:
    """All keys and endpoints. The form that was `refused` is open, with its faults."""
    now = office.clock.now()
    with office.database.read() as session:
        keys, endpoints = all_keys(session), all_endpoints(session)
        creditors = creditors_of(session)
    return office.page(
        visit,
        "console/machines/list.html",
        room="machines",
        status=422 if refused else 200,
        keys=[key for key in keys if not _is_over(key, now)],
        over=[key for key in reversed(keys) if _is_over(key, now)],
        endpoints=endpoints,
        creditors=creditors,
        scopes=[(f"{_FIELD}{each}", each, office.say(visit, SCOPES[each])) for each in Scope],
        typed=visit.typed,
        faults=faults or {},
        refused=refused,
    )


def _is_over(key: Row[Any], now: datetime) -> bool:
    ends_at = key.revoked_at or key.expires_at
    return ends_at is not None and ends_at <= now


def creditors_of(session: Session) -> list[tuple[str, str]]:
    """Every creditor of the house, to choose from."""
    query = select(_CREDITOR.c.external_id, _CREDITOR.c.name).order_by(_CREDITOR.c.name)
    return [(row.external_id, row.name) for row in session.connection().execute(query)]


def _faults(office: Office, visit: Visit, chosen: list[Scope], days: str) -> dict[str, str]:
    faults: dict[str, str] = {}
    name = visit.typed.get("name", "").strip()
    if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        faults["name"] = office.say(visit, words.NO_NAME)
    if not chosen:
        faults["scopes"] = office.say(visit, words.NO_SCOPE)
    is_number = days.isascii() and days.isdecimal() and len(days) < 6
    if days and not (is_number and 1 <= int(days) <= _LONGEST_LIFE):
        faults["days"] = office.say(visit, words.NO_DAYS)
    creditor = visit.typed.get("creditor", "")
    with office.database.read() as session:
        if creditor and creditor not in dict(creditors_of(session)):
            faults["creditor"] = office.say(visit, words.NO_CREDITOR)
    return faults


def _shown_once(office: Office, visit: Visit, key: Made) -> Response:
    template = "console/machines/secret.html"
    return office.page(visit, template, room="machines", secret=key.secret, back=PLACE, is_key=True)
