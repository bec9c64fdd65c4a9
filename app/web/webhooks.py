"""Callbacks of providers. The raw body is verified and stored before anything is made of it.

Payments and other stops are interpreted before the 2xx, so an acknowledged payment has stopped the
next reminder already.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.payments.gateway import ForgedCallback
from app.web import acts
from app.web.site import Site


def router(site: Site) -> APIRouter:
    """One route a provider."""
    routes = APIRouter()

    async def gateway(request: Request) -> Response:
        body = await request.body()
        try:
            await run_in_threadpool(
                acts.take_callback, site.database, site.gateway, body, request.headers,
                site.clock.now(),
            )  # fmt: skip
        except ForgedCallback:
            return PlainTextResponse("The signature does not fit.\n", 403)
        return PlainTextResponse("taken\n")

    routes.add_route(f"/webhooks/{site.gateway.name}", gateway, methods=["POST"])
    return routes
