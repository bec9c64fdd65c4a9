"""Tables of a report: what pages show, and what goes out as CSV and as a workbook.

Numbers leave as numbers and days as days. A text that a spreadsheet program could take for a
formula leaves behind an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.book.formulas import neutral
from campaigns.money import Money, minor_digits

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET_NAME: Final = 31  # what a workbook allows
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))


class Kind(StrEnum):
    """What a column holds; None in a cell is nothing at all."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # minor units of the table's currency
    SHARE = "share"
    DAYS = "days"  # with one decimal
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    kind: Kind = Kind.TEXT

    @property
    def is_number(self) -> bool:
        return self.kind not in (Kind.TEXT, Kind.DATE)


@dataclass(frozen=True, slots=True)
class Line:
    """`href` is the list behind its figures, `hrefs` those behind single ones, by their place. A
    line `is_small` where its numbers are too few to tell."""

    cells: tuple[Any, ...]
    href: str = ""
    hrefs: Mapping[int, str] = field(default_factory=dict)
    is_small: bool = False
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    currency: str = ""
    is_grid: bool = False
    """Its shares are shaded: the more, the deeper."""


def csv_of(tables: Sequence[Table]) -> bytes:
    """The tables below each other, for any program: UTF-8 with a mark, so that Excel reads it."""
    written = io.StringIO()
    out = csv.writer(written)
    for number, table in enumerate(tables):
        if number:
            out.writerow([])
        out.writerow([neutral(_head(column, table)) for column in table.columns])
        for line in table.lines:
            kinds = zip(table.columns, line.cells, strict=True)
            out.writerow([_plain(column.kind, cell, table.currency) for column, cell in kinds])
    return written.getvalue().encode("utf-8-sig")


def _head(column: Column, table: Table) -> str:
    return f"{column.title} ({table.currency})" if column.kind is Kind.MONEY else column.title


def _plain(kind: Kind, cell: Any, currency: str) -> str:
    value = _value(kind, cell, currency)
    match value:
        case None:
            return ""
        case str():
            return neutral(value)
        case date():
            return value.isoformat()
        case _:
            return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _value(kind: Kind, cell: Any, currency: str) -> Any:
    """The cell as a value that programs calculate with."""
    if cell is None:
        return None
    match kind:
        case Kind.MONEY:
            return Money(cell, currency).decimal
        case Kind.SHARE:
            return round(float(cell), 4)
        case Kind.DAYS:
            return round(float(cell), 1)
        case Kind.TEXT:
            return str(cell)
        case Kind.NUMBER | Kind.DATE:
            return cell


def workbook_of(tables: Sequence[Table], *, is_rtl: bool) -> bytes:
    """A sheet for each table."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        name = neutral(table.title).translate(_FORBIDDEN)[:_SHEET_NAME]
        sheet = book.create_sheet(name)
        sheet.sheet_view.rightToLeft = is_rtl
        sheet.freeze_panes = "A2"
        for at, column in enumerate(table.columns, 1):
            head = sheet.cell(1, at, neutral(_head(column, table)))
            head.font = Font(bold=True)
            sheet.column_dimensions[get_column_letter(at)].width = max(len(column.title) + 4, 14)
        for row, line in enumerate(table.lines, 2):
            for at, (column, value) in enumerate(zip(table.columns, line.cells, strict=True), 1):
                cell: Any = sheet.cell(row, at)
                _write(cell, column.kind, value, table.currency)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Cell, kind: Kind, told: Any, currency: str) -> None:
    value = _value(kind, told, currency)
    cell.value = neutral(value) if isinstance(value, str) else value
    match kind:
        case Kind.MONEY:
            digits = minor_digits(currency)
            cell.number_format = "#,##0" + ("." + "0" * digits if digits else "")
        case Kind.SHARE:
            cell.number_format = "0.0%"
        case Kind.DAYS:
            cell.number_format = "0.0"
        case Kind.DATE:
            cell.number_format = "yyyy-mm-dd"
        case Kind.NUMBER:
            cell.number_format = "#,##0"
        case Kind.TEXT:
            cell.data_type = "s"
