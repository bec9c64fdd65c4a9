"""The routes of the reports: a page, the same tables as CSV, and as a workbook."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from app.book.days import day_of
from app.console.door import Visit, looks
from app.console.figures.reports import OF_BOOK, REPORTS, YEAR, Told
from app.console.figures.scope import scope_of
from app.console.figures.tables import CSV_TYPE, XLSX_TYPE, csv_of, workbook_of
from app.console.figures.telling import Report, Telling
from app.console.office import Office
from app.figures.names import Family
from app.figures.reading import AsOf, as_of

ROOM = "reports"


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/reports")
    def reports(visit: Annotated[Visit, looks()]) -> Response:
        return office.page(visit, "console/figures/reports.html", room=ROOM, reports=REPORTS)

    @routes.get("/reports/{slug}")
    def report(visit: Annotated[Visit, looks()], slug: str) -> Response:
        told, tell, made, counted = _made(office, visit, slug)
        return office.page(
            visit,
            "console/figures/report.html",
            room=ROOM,
            told=told,
            report=made,
            scope=tell.scope,
            tell=tell,
            counted=_counted(told, counted),
        )

    @routes.get("/reports/{slug}/csv")
    def as_csv(visit: Annotated[Visit, looks()], slug: str) -> Response:
        _, _, made, _ = _made(office, visit, slug)
        return _file(csv_of(made.tables), CSV_TYPE, f"{slug}.csv")

    @routes.get("/reports/{slug}/xlsx")
    def as_workbook(visit: Annotated[Visit, looks()], slug: str) -> Response:
        _, tell, made, _ = _made(office, visit, slug)
        return _file(workbook_of(made.tables, is_rtl=tell.is_rtl), XLSX_TYPE, f"{slug}.xlsx")

    return routes


def _made(office: Office, visit: Visit, slug: str) -> tuple[Told, Telling, Report, AsOf]:
    told = REPORTS.get(slug)
    if told is None:
        raise HTTPException(404)
    now = office.clock.now()
    with office.database.read() as session:
        today, by_day = day_of(now, visit.zone), slug not in OF_BOOK
        scope = scope_of(session, visit.asked, today, days=told.days or YEAR, by_day=by_day)
        tell = Telling(office, visit, session, scope)
        return told, tell, told.make(tell), as_of(session)


def _counted(told: Told, counted: AsOf) -> datetime | None:
    """When what the report tells was counted."""
    of_book = told.slug in OF_BOOK
    return counted.families[Family.BOOK] if of_book else counted.today


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="duly-{name}"'}
    return Response(content, media_type=media_type, headers=headers)
