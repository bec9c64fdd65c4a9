"""`/metrics`: how the running goes, for Prometheus.

All is read from the database when it is asked for, so any web process tells of all processes; what
is named `process_…` is of this process alone. Strangers are told nothing: it takes the token of the
settings, and without one it answers on a developer's machine alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from fastapi import APIRouter, HTTPException, Request
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from app.web.gauges import read_metrics
from app.web.site import Site

TYPE = "text/plain; version=0.0.4; charset=utf-8"


def router(site: Site) -> APIRouter:
    routes = APIRouter()
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Readings(site))

    @routes.get("/metrics")
    def metrics(request: Request) -> Response:
        _ensure_allowed(site, request)
        return Response(generate_latest(registry), media_type=TYPE)

    return routes


class _Readings(Collector):
    """Asks the database each time that it is collected."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def describe(self) -> list[Metric]:
        return []  # else it would be collected once to be registered

    def collect(self) -> Iterator[Metric]:
        with self._site.database.read() as session:
            yield from list(read_metrics(session, self._site.clock.now()))


def _ensure_allowed(site: Site, request: Request) -> None:
    token = site.settings.metrics_token.get_secret_value()
    if not token:
        if site.settings.environment == "production" or not _is_here(request):
            raise HTTPException(404)
        return
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not hmac.compare_digest(told.encode(), token.encode()):
        raise HTTPException(401, headers={"www-authenticate": 'Bearer realm="metrics"'})


def _is_here(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
