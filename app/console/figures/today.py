"""The first page: how things stand, and what needs somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from app.book.days import day_of
from app.console.codes import HOLDS, TEAMS
from app.console.door import Visit, looks
from app.console.figures import health
from app.console.figures.beginning import first_steps
from app.console.figures.lists import ROOM, add_lists
from app.console.figures.names import MEDIA
from app.console.figures.scope import scope_of
from app.console.figures.standings import MOST_REASONS, Day, Now, collected
from app.console.figures.telling import Telling
from app.console.office import Office
from app.delivery.halts import halts_in_force
from app.figures.reading import AsOf, as_of

OLD: Final = timedelta(minutes=30)
"""Even where very much is sent, a day that runs is counted more often."""


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/")
    def today(visit: Annotated[Visit, looks()]) -> Response:
        now = office.clock.now()
        with office.database.read() as session:
            scope = scope_of(session, visit.asked, day_of(now, visit.zone), days=1)
            zones = [row.zone for row in scope.creditors if row.id == scope.creditor_id]
            day = day_of(now, zones[0] if zones else visit.zone)
            tell = Telling(office, visit, session, scope)
            of_day, stands = Day(session, scope, day), Now(session, scope)
            facts: dict[str, Any] = {
                "sent": of_day.sent(),
                "unsent": of_day.not_sent(),
                "came": of_day.came_back(),
                "collected": collected(session, scope, day),
                "held": stands.held(),
                "cases": stands.cases()[:MOST_REASONS],
                "promised": stands.promised(),
                "disputed": stands.disputed(),
                "promises": stands.promises_due(day),
                "tasks": stands.tasks(),
                "ahead": stands.ahead(tell, now, ZoneInfo(visit.zone)),
                "senders": health.senders(session, scope.creditor_ids, day, now),
                "feeds": health.feeds(session, scope.creditor_ids, now),
                "halts": halts_in_force(session),
                "first_steps": first_steps(session),
                "counted": as_of(session),
            }
        return office.page(
            visit,
            "console/figures/today.html",
            room=ROOM,
            scope=scope,
            tell=tell,
            media=MEDIA,
            holds=HOLDS,
            teams=TEAMS,
            day=day,
            week=day - health.BOUNCES_OVER + timedelta(days=1),
            is_old=_is_old(facts["counted"], now),
            **facts,
        )

    add_lists(routes, office)
    return routes


def _is_old(counted: AsOf, now: datetime) -> bool:
    """Whether the loop that counts seems to stand still."""
    return counted.today is not None and counted.today + OLD < now
