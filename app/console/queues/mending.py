"""Rows of files that stayed out: each with its cells, what is wrong with which, and how to mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row
from starlette.responses import Response

from app.book.kept_rejects import feed_of, open_rows
from app.book.mending import Mending, NotMended, cell_reasons, drop, mend, reasons_of, version
from app.console.door import Visit, acts, looks
from app.console.feed_faults import FeedFaults
from app.console.office import Office
from app.console.queues.lines import Id
from app.console.queues.lists import ROOM
from app.staff.roles import Right
from app.web.catalogues import N_

HOME: Final = "/console/queues/rejects"
PAGE: Final = 20
CELL: Final = "cell-"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it stands; `faults` are the import's reasons."""

    at: int
    name: str
    text: str
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reject:
    row: Row[Any]
    seen: str
    cells: Sequence[Cell]
    faults: Sequence[str]  # of the row as a whole


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/rejects/{id_}")
    def rows(id_: Id, v: Annotated[Visit, looks()]) -> Response:
        return _page(office, v, id_)

    @routes.post("/rejects/{id_}/rows/{row_id}/mend")
    def take_again(id_: Id, row_id: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """The row with other cells, by the mapping of its file. The book takes it in transactions
        of its own; what was done is put on record after."""
        cells = _typed_cells(v)
        now = office.clock.now()
        mending = Mending(row_id, cells, v.typed.get("seen", ""), v.by, now)
        try:
            mended = mend(office.database, mending, secret=office.secret)
        except NotMended:
            return _page(office, v, id_, _CHANGED)
        detail = {"taken": mended.taken, "feed": id_}
        with office.act(v, "reject.mended", about=("rejected_row", row_id), detail=detail):
            pass
        if not mended.taken:
            problem = N_("The row is not right yet. What you typed is kept.")
            return _page(office, v, id_, problem)
        return office.back(f"{HOME}/{id_}", N_("The row is in the book."))

    @routes.post("/rejects/{id_}/rows/{row_id}/drop")
    def leave_out(id_: Id, row_id: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        try:
            with office.act(v, "reject.dropped", about=("rejected_row", row_id)) as doing:
                seen = v.typed.get("seen", "")
                drop(doing.session, row_id, seen=seen, by=v.by, now=doing.now)
        except NotMended:
            return _page(office, v, id_, _CHANGED)
        return office.back(f"{HOME}/{id_}", N_("The row is left out."))


_CHANGED: Final = N_("Somebody has changed this row meanwhile. Look at it again.")


def _page(office: Office, v: Visit, feed_id: int, problem: str = "") -> Response:
    after = v.asked.get("after", "")
    line = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else 0
    with office.database.read() as session:
        feed = feed_of(session, feed_id)
        if feed is None:
            raise HTTPException(404)
        found = open_rows(session, feed_id, after_line=line, most=PAGE + 1)
    shown = [_reject(feed.header, row) for row in found[:PAGE]]
    following = found[PAGE - 1].line if len(found) > PAGE else 0
    facts = {"feed": feed, "rejects": shown, "next": following, "problem": problem, "line": line}
    facts["faults"] = FeedFaults(lambda text: office.say(v, text))
    status = 422 if problem else 200
    return office.page(v, "console/queues/rejects.html", room=ROOM, status=status, **facts)


def _reject(header: Sequence[str], row: Row[Any]) -> Reject:
    wrong = cell_reasons(header, reasons_of(row))
    texts = [*row.cells, *[""] * (len(header) - len(row.cells))]
    cells = [Cell(at, name, texts[at], wrong.get(at, ())) for at, name in enumerate(header)]
    return Reject(row, version(row), cells, wrong.get(-1, ()))


def _typed_cells(v: Visit) -> tuple[str, ...]:
    named = {
        int(name.removeprefix(CELL)): text
        for name, text in v.typed.items()
        if name.startswith(CELL) and name.removeprefix(CELL).isdecimal()
    }
    return tuple(named[at] for at in sorted(named))
