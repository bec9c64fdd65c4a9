"""`/p/{token}/{slug}`: a GET shows a way, a POST takes its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.web.site import Site
from app.web.submission import filled, filled_with_file, submit
from app.web.tickets import Held, Ticket
from app.web.visits import visit
from app.web.ways import card, paid
from app.web.ways.every import WAYS
from app.web.ways.page import way_page
from app.web.ways.way import Filled, Moment, Way

LARGEST: Final = {f"/p/*/{paid.WAY.slug}": paid.LARGEST_BODY}
"""Of a form that brings a file, in bytes."""


def router(site: Site) -> APIRouter:
    """The pages of all ways, and their forms."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])
    for way in WAYS:
        path = f"/p/{{token}}/{way.slug}"
        routes.add_api_route(path, _shows(site, way), methods=["GET", "HEAD"])
        if way.act is not None:
            routes.add_api_route(path, _takes(site, way), methods=["POST"])

    @routes.post(f"/p/{{token}}/{card.WAY.slug}")
    async def enter(ticket: Held, request: Request) -> Response:
        return await run_in_threadpool(card.enter, site, ticket, await filled(request))

    @routes.post(f"/p/{{token}}/{paid.WAY.slug}")
    async def tell(ticket: Held, request: Request) -> Response:
        await run_in_threadpool(paid.know, site, ticket)  # nobody else's file is even read
        async with filled_with_file(request, paid.FILE) as (typed, file):
            return await run_in_threadpool(paid.enter, site, ticket, typed, file)

    return routes


def _shows(site: Site, way: Way) -> Callable[[Ticket, Request], Response]:
    def show(ticket: Held, request: Request) -> Response:
        typed, now = Filled(request.query_params), site.clock.now()
        with site.database.read() as session:
            found = visit(site, session, ticket, now)
            moment = Moment.of(site, session, found, now, typed["lang"])
            if way.offered(moment) or typed.keys() - {"lang"}:  # a choice deserves an answer
                return way_page(moment, way, typed)
        return RedirectResponse(f"{ticket.path}?lang={moment.language}", 303)

    return show


def _takes(site: Site, way: Way) -> Callable[[Ticket, Request], object]:
    async def take(ticket: Held, request: Request) -> Response:
        return await run_in_threadpool(submit, site, ticket, way, await filled(request))

    return take
