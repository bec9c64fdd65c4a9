"""The queues: what waits for a person to decide, whose it is and by when."""

from __future__ import annotations

from fastapi import APIRouter

from app.console.office import Office
from app.console.queues import approvals, bank, deciding, lists, mending, promises, tasks


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/queues")
    for part in (lists, promises, bank, mending, tasks, deciding, approvals):
        part.add_routes(routes, office)
    return routes
