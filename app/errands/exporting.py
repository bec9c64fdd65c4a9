"""A list as CSV or XLSX. It only reads, so one that was broken off begins anew."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from app.book.formulas import neutral
from app.errands.doing import Doing, Outcome, Steps
from app.errands.kinds import ErrandFailed
from app.errands.lists import Cell
from campaigns.worded import worded

MOST_SHEET_ROWS = 1_048_575  # what a sheet holds below its header


class FileType(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


_Write = Callable[[Sequence[Cell]], None]


def export_steps(doing: Doing) -> Steps:
    """Parameters: `export`, `type` and `filters`. The file is named after the list and its day."""
    asked = doing.taken.parameters
    export = doing.means.exports.get(asked["export"])
    if export is None:
        raise ErrandFailed(worded("There is no list `%(list)s` to export.", list=asked["export"]))
    kind, database, count = FileType(asked["type"]), doing.means.database, 0
    with TemporaryDirectory(prefix="duly-") as folder:
        path = Path(folder) / f"{export.name}-{doing.clock():%Y-%m-%d}.{kind}"
        with _writing(path, kind) as write:
            write(export.columns)
            after: Any = None
            while True:
                with database.read() as session:
                    page = export.rows(session, asked.get("filters", {}), after)
                for row in page.cells:
                    write(row)
                count, after = count + len(page.cells), page.after
                _ensure_fits(count, kind)
                if after is None:
                    break
                doing.show(count)
                yield
        return Outcome({"rows": count}, doing.means.files.move_in(path))


def _ensure_fits(count: int, kind: FileType) -> None:
    if kind is FileType.XLSX and count > MOST_SHEET_ROWS:
        raise ErrandFailed(worded("A sheet holds 1,048,575 rows, and these are more: take CSV."))


@contextmanager
def _writing(path: Path, kind: FileType) -> Iterator[_Write]:
    if kind is FileType.CSV:
        # With its mark: spreadsheet programs read Hebrew and Arabic as something else without it.
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            yield lambda row: writer.writerow([neutral(_text(cell)) for cell in row])
        return
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    yield lambda row: sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.isoformat()
        case Decimal():
            return format(cell, "f")
        case _:
            return str(cell)


def _cell(sheet: Any, value: Cell) -> Any:
    """A text stays a text: `=1+1` of a customer's name is no formula."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None)  # a sheet knows no zones
    cell: Any = WriteOnlyCell(sheet)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
