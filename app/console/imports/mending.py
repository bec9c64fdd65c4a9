"""What an import refused, row by row: each can be mended here and goes in by the same mapping."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row
from starlette.responses import Response

from app.book.refused import RefusedPage, read_refused, write_mended
from app.book.rejects import SUFFIX
from app.console.door import Visit, acts, looks
from app.console.errands.asking import ask_errand, files_of
from app.console.errands.pages import ErrandId
from app.console.imports.checking import import_of
from app.console.imports.uploading import ROOM
from app.console.office import Office
from app.errands.imports import ImportWanted
from app.errands.kinds import Kind
from app.staff.roles import Right
from app.web.catalogues import N_

PAGE: Final = 20


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/{id_}/rejects")
    def shown(id_: ErrandId, visit: Annotated[Visit, looks()]) -> Response:
        errand, path = _rejects(office, id_)
        return _page(office, visit, errand, _read(visit, path))

    @routes.post("/{id_}/rejects")
    def mended(id_: ErrandId, visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        errand, path = _rejects(office, id_)
        page = _read(visit, path)
        changed = _changed(visit, page)
        if not changed:
            fault = office.say(visit, N_("Nothing was changed. Mend a cell of a row first."))
            return _page(office, visit, errand, page, fault=fault, status=422)
        content = write_mended(path, changed)
        kept = files_of(office).keep([(path.name, BytesIO(content))])
        try:
            with office.act(visit, "rejects_mended", about=("errand", id_)) as doing:
                wanted = ImportWanted.of(errand.parameters, kept)
                asked = wanted.asked(Kind.IMPORT, visit.by, visit.user_id, rows=len(changed))
                doing.detail["rows"] = len(changed)
                number = ask_errand(doing, asked)
        except BaseException:
            files_of(office).drop([kept])
            raise
        return office.back(f"/console/book/imports/{number}")


def _rejects(office: Office, id_: int) -> tuple[Row[Any], Path]:
    errand = import_of(office, id_)
    found = files_of(office).paths(errand.result_file or "")
    if not found or not found[0].name.endswith(SUFFIX):
        raise HTTPException(404)
    return errand, found[0]


def _read(visit: Visit, path: Path) -> RefusedPage:
    told = visit.asked.get("after", "") or visit.typed.get("after", "")
    after = int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0
    return read_refused(path, after=after, limit=PAGE)


def _changed(visit: Visit, page: RefusedPage) -> dict[int, list[str]]:
    """The rows of the page of which a cell was typed anew."""
    found = {}
    for row in page.rows:
        cells = [
            visit.typed.get(f"cell-{row.at}-{number}", cell)
            for number, cell in enumerate(row.cells)
        ]
        if cells != list(row.cells):
            found[row.at] = cells
    return found


def _page(
    office: Office,
    visit: Visit,
    errand: Row[Any],
    page: RefusedPage,
    *,
    fault: str = "",
    status: int = 200,
) -> Response:
    return office.page(
        visit,
        "console/imports/rejects.html",
        room=ROOM,
        status=status,
        errand=errand,
        page=page,
        fault=fault,
    )
