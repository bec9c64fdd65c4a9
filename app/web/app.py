"""Makes the web app: customer pages, forms, callbacks, health; in development the outbox too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from uvicorn import Config

from app.api.app import PATH as API
from app.api.app import create_api
from app.api.desk import Desk
from app.clock import Clock
from app.engine.catalogue import Catalogue
from app.intake.sources import GatewaySource, Source
from app.payments.choice import Gateways
from app.payments.sandbox_gateway import NAME as SANDBOX
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.documents import Documents
from app.store.engines import Database
from app.web import (
    accounts,
    assets,
    customer,
    documents,
    door,
    genuine,
    metrics,
    outbox,
    prove,
    receipt,
    renewal,
    sandbox,
    statement,
    stop,
    webhooks,
)
from app.web.closed import answer_failures
from app.web.machines import for_people
from app.web.pages import Pages
from app.web.shield import Shield, page_policy
from app.web.site import Site
from app.web.ways import routes as ways

ANSWERED_WITHIN_S: Final = 5


def create_app(
    settings: Settings,
    database: Database,
    clock: Clock,
    gateways: Gateways,
    *,
    sources: Sequence[Source] = (),
    gateway_origins: Sequence[str] = (),
    beside: Mapping[str, ASGIApp] = MappingProxyType({}),
    larger: Mapping[str, int] = MappingProxyType({}),
    programs: bool = True,
) -> FastAPI:
    """The app over these parts; several may live in one process.

    `sources` are the providers, besides the gateways, who call `/webhooks/{name}`.
    `gateway_origins` are the origins (`https://pay.example`) that gateways send payers to. A
    browser refuses to follow a form anywhere else. `beside` are apps of their own by the path that
    they are mounted at, `larger` what they take in by the rules of `Shield`. Without
    `programs` there is no API. Once `state.stopping` is set, streams end.
    """
    site = Site(
        settings,
        database,
        clock,
        gateways,
        Pages(rehearsal=settings.rehearsal),
        Documents(settings.documents),
        Catalogue(),
        for_people(clock, settings.base_url),
    )
    app = FastAPI(
        title="Duly",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would lead to whatever host the caller names
    )
    answer_failures(app, site)
    heard = [GatewaySource(gateway) for gateway in gateways.by_name.values()]
    callbacks = webhooks.routes(site, (*heard, *sources))
    app.router.routes.extend(callbacks)
    pages = (customer, accounts, ways, documents, receipt, statement, stop)
    for part in (*pages, assets, metrics, prove, genuine, renewal, door):
        app.include_router(part.router(site))
    prove.ask_strangers(app, site)
    desk = _desk(settings, database, clock)
    if programs:
        app.mount(API, create_api(desk))
    app.state.stopping = desk.stopping
    for path, other in beside.items():
        app.router.routes.append(Route(path, _first_page(path)))
        app.mount(path, other)
    if settings.shows_outbox:
        app.include_router(outbox.router(site))
        played = gateways.by_name.get(SANDBOX)
        if isinstance(played, SandboxGateway):
            app.include_router(sandbox.router(site, played))
    app.add_middleware(webhooks.Doorway, routes=callbacks)
    app.add_middleware(
        Shield,
        policy=page_policy(gateway_origins),
        encrypted=settings.base_url.startswith("https://"),
        larger={
            **webhooks.LARGEST,
            **ways.LARGEST,
            **larger,
            f"{API}/": sys.maxsize,  # it has a limit of its own
        },
    )
    return app


def _first_page(path: str) -> Callable[[Request], Response]:
    """Leads whoever types the path alone to the first page below it, on the host they are at."""
    return lambda _: RedirectResponse(f"{path}/", 307)


def _desk(settings: Settings, database: Database, clock: Clock) -> Desk:
    is_local = settings.environment != "production"
    return Desk(database, clock, settings.secret, settings.api_calls_per_minute, is_local)


def server_config(app: ASGIApp, settings: Settings) -> Config:
    """How uvicorn serves it. Its own access log is off: it would print customers' tokens. Told to
    stop, it answers what it was asked, if that takes no longer."""
    return Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        ws="none",
        proxy_headers=True,
        timeout_graceful_shutdown=ANSWERED_WITHIN_S,
    )
