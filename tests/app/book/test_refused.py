"""What stayed out can be mended row by row and then goes in like any feed."""

from pathlib import Path

from app.book.refused import read_refused, write_mended
from app.book.rejects import rejects_path
from app.store.engines import Database
from tests.app.book.feeds import run, write
from tests.databases import on_both_stores


@on_both_stores
def test_a_refused_row_is_mended_and_goes_in(database: Database, tmp_path: Path) -> None:
    rows = [f'C{n},"=Dana; {n}",I{n},{"wrong" if n % 2 else 5},2026-09-01' for n in range(6)]
    feed = write(tmp_path, *rows)
    assert run(database, feed).rejected == 3
    rejects = rejects_path(feed)

    page = read_refused(rejects, limit=2)

    assert page.columns == ("cust", "name", "inv", "amount", "due")
    assert [(row.line, row.cells[1], row.cells[3]) for row in page.rows] == [
        ("3", "=Dana; 1", "wrong"),
        ("5", "=Dana; 3", "wrong"),
    ]
    assert "amount" in page.rows[0].reasons[0]
    assert read_refused(rejects, after=page.after or 0).after is None
    cells = [*page.rows[1].cells[:3], "7.50", page.rows[1].cells[4]]
    mended = tmp_path / f"mended{rejects.name}"
    mended.write_bytes(write_mended(rejects, {1: cells}))
    report = run(database, mended)
    assert (report.rows, report.accepted, report.invoiced) == (1, 1, {"ILS": 750})
