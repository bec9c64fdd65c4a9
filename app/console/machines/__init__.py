"""The room "Machines": keys of the API, and addresses that are told of events."""

from __future__ import annotations

from fastapi import APIRouter

from app.console.machines import keys, webhooks
from app.console.office import Office


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    for part in (keys, webhooks):
        routes.include_router(part.router(office))
    return routes
