"""The room of the journeys: what runs and who stands where; drafts, their trial and approval."""

from __future__ import annotations

from fastapi import APIRouter

from app.console.journeys import editing, looking, trying
from app.console.journeys.room import JourneyRoom
from app.console.office import Office


def router(office: Office) -> APIRouter:
    routes, room = APIRouter(), JourneyRoom(office)
    for part in (looking, editing, trying):
        routes.include_router(part.router(room), prefix="/design/journeys")
    return routes
