"""Addresses that are told of events: added, tried, paused, ended; and the log of telling them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Row, select
from sqlmodel import Session
from starlette.responses import Response

from app.api.webhooks.calling import Heard, try_endpoint
from app.api.webhooks.endpoints import (
    MOST,
    EndpointRefused,
    add_endpoint,
    change_endpoint,
    replay,
    rotate_secret,
    secret_of_endpoint,
)
from app.api.webhooks.targets import TargetRefused, ensure_target
from app.book.days import day_of, start_of
from app.console.door import Visit, acts, looks
from app.console.machines import words
from app.console.machines.endpoints import endpoint_of, log_of
from app.console.machines.keys import page
from app.console.machines.words import PLACE
from app.console.office import Office
from app.console.times import day_asked
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Creditor

_KIND: Final = re.compile(r"[a-z]+(_[a-z]+)*")
_LONGEST_KIND: Final = 60
_MOST_KINDS: Final = 100
_STATES: Final = {
    "pause": ("paused", "webhook_paused", words.PAUSED),
    "resume": ("active", "webhook_resumed", words.RESUMED),
    "end": ("ended", "webhook_ended", words.ENDED),
}
_CREDITOR: Final = table_of(Creditor)
Looks = Annotated[Visit, looks(Right.RUN)]
Acts = Annotated[Visit, acts(Right.RUN)]


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/machines/webhooks")
    _add_making(routes, office)
    _add_states(routes, office)
    _add_telling(routes, office)
    return routes


def _add_making(routes: APIRouter, office: Office) -> None:
    @routes.post("")
    def added(visit: Acts) -> Response:
        url, kinds = visit.typed.get("url", "").strip(), visit.typed.get("kinds", "").split()
        faults = _faults(office, visit, url, kinds)
        if faults:
            return page(office, visit, faults, refused="endpoint")
        try:
            with office.act(visit, "webhook_added") as doing:
                made = add_endpoint(
                    doing.session,
                    url=url,
                    kinds=kinds,
                    creditor_id=_creditor_id(doing.session, visit),
                    by=doing.by,
                    now=doing.now,
                )
                doing.detail.update(endpoint=made, kinds=kinds)
        except EndpointRefused:
            told = {"url": office.say(visit, words.TOO_MANY, most=MOST)}
            return page(office, visit, told, refused="endpoint")
        return _secret(office, visit, made, 1)

    @routes.post("/{endpoint_id}/secret")
    def renewed(visit: Acts, endpoint_id: int) -> Response:
        with office.act(visit, "webhook_secret_changed", about=("endpoint", endpoint_id)) as doing:
            _living(doing.session, endpoint_id)
            generation = rotate_secret(doing.session, endpoint_id)
        return _secret(office, visit, endpoint_id, generation)


def _add_states(routes: APIRouter, office: Office) -> None:
    def change(visit: Visit, endpoint_id: int, act: str, undo: str = "") -> Response:
        state, name, said = _STATES[act]
        with office.act(visit, name, about=("endpoint", endpoint_id)) as doing:
            _living(doing.session, endpoint_id)
            change_endpoint(doing.session, endpoint_id, state)
        place = f"{PLACE}/webhooks/{endpoint_id}"
        return office.back(place, said, undo=f"{place}/{undo}" if undo else "")

    @routes.post("/{endpoint_id}/pause")
    def paused(visit: Acts, endpoint_id: int) -> Response:
        return change(visit, endpoint_id, "pause", undo="resume")

    @routes.post("/{endpoint_id}/resume")
    def resumed(visit: Acts, endpoint_id: int) -> Response:
        return change(visit, endpoint_id, "resume", undo="pause")

    @routes.post("/{endpoint_id}/end")
    def ended(visit: Acts, endpoint_id: int) -> Response:
        return change(visit, endpoint_id, "end")


def _add_telling(routes: APIRouter, office: Office) -> None:
    @routes.get("/{endpoint_id}")
    def shown(visit: Looks, endpoint_id: int) -> Response:
        return _one(office, visit, endpoint_id)

    @routes.post("/{endpoint_id}/replay")
    def again(visit: Acts, endpoint_id: int) -> Response:
        day = day_asked(visit.typed.get("since", ""))
        if day is None or day > day_of(office.clock.now(), visit.zone):
            told = {"since": office.say(visit, words.NO_DAY)}
            return _one(office, visit, endpoint_id, told, status=422)
        with office.act(visit, "webhook_replayed", about=("endpoint", endpoint_id)) as doing:
            _living(doing.session, endpoint_id)
            last = replay(doing.session, endpoint_id, start_of(day, visit.zone))
            doing.detail.update(since=day.isoformat(), to_event=last)
        return office.back(f"{PLACE}/webhooks/{endpoint_id}", words.REPLAYED)

    @routes.post("/{endpoint_id}/test")
    async def tried(visit: Acts, endpoint_id: int) -> Response:
        row = await run_in_threadpool(found, endpoint_id)
        now = office.clock.now()
        heard = await try_endpoint(row, secret=office.secret, now=now, local=is_local(office))
        return await run_in_threadpool(told, visit, endpoint_id, heard)

    def found(endpoint_id: int) -> Row[Any]:
        with office.database.read() as session:
            return _living(session, endpoint_id)

    def told(visit: Visit, endpoint_id: int, heard: Heard) -> Response:
        """The call was made with no transaction open; that it was made is on record."""
        detail = {"status": heard.status, "is_well": heard.is_well}
        with office.act(visit, "webhook_tested", about=("endpoint", endpoint_id), detail=detail):
            pass
        said = words.WELL if heard.is_well else words.NOT_WELL if heard.status else words.NO_ANSWER
        return office.back(
            f"{PLACE}/webhooks/{endpoint_id}",
            said,
            is_bad=not heard.is_well,
            status=heard.status or 0,
            ms=heard.took_ms,
        )


def is_local(office: Office) -> bool:
    """Whether addresses of this machine may be told: as for the API."""
    return office.settings.environment != "production"


def _one(
    office: Office,
    visit: Visit,
    endpoint_id: int,
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    with office.database.read() as session:
        row = endpoint_of(session, endpoint_id)
        if row is None:
            raise HTTPException(404)
        log = log_of(endpoint_id).read(session, visit.asked)
    return office.page(
        visit,
        "console/machines/webhook.html",
        room="machines",
        status=status,
        endpoint=row,
        log=log,
        today=day_of(office.clock.now(), visit.zone),
        typed=visit.typed,
        faults=faults or {},
    )


def _secret(office: Office, visit: Visit, endpoint_id: int, generation: int) -> Response:
    return office.page(
        visit,
        "console/machines/secret.html",
        room="machines",
        secret=secret_of_endpoint(office.secret, endpoint_id, generation),
        back=f"{PLACE}/webhooks/{endpoint_id}",
        is_key=False,
    )


def _faults(office: Office, visit: Visit, url: str, kinds: list[str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    try:
        ensure_target(url, local=is_local(office))
    except TargetRefused:
        faults["url"] = office.say(visit, words.NO_URL)
    are_kinds = all(_KIND.fullmatch(kind) and len(kind) <= _LONGEST_KIND for kind in kinds)
    if not are_kinds or len(kinds) > _MOST_KINDS:
        faults["kinds"] = office.say(visit, words.NO_KINDS)
    return faults


def _creditor_id(session: Session, visit: Visit) -> int | None:
    """None: of all creditors."""
    told = visit.typed.get("creditor", "")
    if not told:
        return None
    query = select(_CREDITOR.c.id).where(_CREDITOR.c.external_id == told)
    found = session.connection().scalar(query)
    if found is None:
        raise HTTPException(409)
    return int(found)


def _living(session: Session, endpoint_id: int) -> Row[Any]:
    row = endpoint_of(session, endpoint_id)
    if row is None:
        raise HTTPException(404)
    if row.state == "ended":
        raise HTTPException(409)
    return row
