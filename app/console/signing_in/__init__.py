"""The way in and out, and everybody's own account."""

from __future__ import annotations

from fastapi import APIRouter

from app.console.office import Office
from app.console.signing_in import account, entering, second_factor, welcome


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    for part in (entering, welcome, account, second_factor):
        routes.include_router(part.router(office))
    return routes
