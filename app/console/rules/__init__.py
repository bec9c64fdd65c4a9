"""Rule packs: what they ask, who answers for them, and who listens to somebody in danger."""

from fastapi import APIRouter

from app.console.office import Office
from app.console.rules import crisis, packs


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/rules")
    for part in (crisis, packs):
        part.add_routes(routes, office)
    return routes
