"""A sheet of an XLSX workbook as numbered rows of text, read as a stream.

Typed cells are written as the mapping says that texts are: dates by its first pattern, numbers with
its decimal sign. So a row that is rejected can be mended as text and imported again.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from app.book.errors import FeedError
from app.book.mapping.shape import FileForm, FileFormat
from app.book.reading.package import check_package
from app.book.reading.rows import LONGEST_CELL, MOST_COLUMNS, Feed, RawRow, Written
from app.book.wrongs import wrong
from campaigns.worded import worded

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_LOOKED_AT = 20  # rows from the top, where a sheet begins
_DIGITS_KEPT = 15  # what spreadsheet programs show of a binary fraction
_LEADING_ZEROS = re.compile(r"0{2,20}")
_Show = Callable[[Any, str], str]


@contextmanager
def open_workbook(
    path: Path, form: FileForm, patterns: Mapping[str, tuple[str, ...]]
) -> Iterator[Feed]:
    """Opens the sheet. `patterns` are the date patterns of the columns that have their own."""
    check_package(path)
    workbook = _load(path)
    try:
        sheet = _sheet(path, workbook, form)
        header, first = _header(path, sheet, form)
        show = [_shower(form, patterns.get(name)) for name in header]
        rows = _rows(path, sheet, first, show)
        yield Feed(header, rows, Written(FileFormat.XLSX, quote=form.quote))
    finally:
        workbook.close()


def filled_cells(path: Path) -> Mapping[str, Sequence[int]]:
    """Of each sheet that is shown: how many cells of its first rows say something."""
    check_package(path)
    workbook = _load(path)
    try:
        return {name: _filled(path, sheet) for name, sheet in _shown(workbook).items()}
    finally:
        workbook.close()


def _load(path: Path) -> Workbook:
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions we do not read
            return load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # noqa: BLE001  # a broken package breaks the reader anywhere
        raise FeedError(
            worded(
                "%(file)s cannot be read as a workbook (%(why)s); save it again",
                file=path.name,
                why=type(error).__name__,
            )
        ) from None


def _sheet(path: Path, workbook: Workbook, form: FileForm) -> Any:
    sheets = _shown(workbook)
    names = ", ".join(sheets) or "none"
    if form.sheet is not None:
        if form.sheet not in sheets:
            raise FeedError(
                worded(
                    "%(file)s has no sheet `%(sheet)s`; it has %(names)s",
                    file=path.name,
                    sheet=form.sheet,
                    names=names,
                )
            )
        return sheets[form.sheet]
    # Spreadsheet programs begin with sheets that stay empty: those are nobody's choice.
    told = {name: sheet for name, sheet in sheets.items() if any(_filled(path, sheet))} or sheets
    if len(told) != 1:
        raise FeedError(
            worded(
                "%(file)s has the sheets %(names)s; say which by `sheet`",
                file=path.name,
                names=", ".join(told) or "none",
            )
        )
    return next(iter(told.values()))


def _shown(workbook: Workbook) -> Mapping[str, Any]:
    return {each.title: each for each in workbook.worksheets if each.sheet_state == "visible"}


def _filled(path: Path, sheet: Any) -> Sequence[int]:
    looked = sheet.iter_rows(max_row=_LOOKED_AT, max_col=MOST_COLUMNS, values_only=True)
    return [
        sum(value is not None and str(value).strip() != "" for value in cells)
        for cells in _safely(path, looked)
    ]


def _header(path: Path, sheet: Any, form: FileForm) -> tuple[tuple[str, ...], int]:
    """The first row after `skip` that says anything, and its number."""
    show = _shower(form, None)
    begin = form.skip + 1
    looked = sheet.iter_rows(min_row=begin, max_row=begin + _LOOKED_AT, max_col=MOST_COLUMNS)
    for number, cells in enumerate(_safely(path, looked), start=begin):
        names = [show(cell.value, "General").strip() for cell in cells]
        while names and not names[-1]:
            names.pop()
        if names:
            return tuple(names), number
    return (), begin


def _rows(path: Path, sheet: Any, header_at: int, show: Sequence[_Show]) -> Iterator[RawRow]:
    width = len(show)
    found = sheet.iter_rows(min_row=header_at + 1, max_col=width + 1)
    for number, cells in enumerate(_safely(path, found), start=header_at + 1):
        told = [
            "" if cell.value is None else shown(cell.value, cell.number_format)
            for cell, shown in zip(cells, show, strict=False)
        ]
        told += [""] * (width - len(told))
        beyond = len(cells) > width and cells[width].value is not None
        if any(told) or beyond:
            yield RawRow(number, tuple(told), _fault(cells, told, beyond=beyond))


def _fault(cells: Sequence[Any], told: Sequence[str], *, beyond: bool) -> str | None:
    if beyond:
        return wrong("more_cells")
    if any(cell.data_type == "e" for cell in cells):
        return wrong("spreadsheet_error")
    if any(len(text) > LONGEST_CELL for text in told):
        return wrong("long_cell")
    return None


def _safely(path: Path, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """A sheet that breaks off is no shorter sheet: the import fails, and may be run again."""
    try:
        yield from rows
    except (ParseError, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise FeedError(
            worded(
                "a sheet of %(file)s cannot be read to its end (%(why)s); save it again",
                file=path.name,
                why=type(error).__name__,
            )
        ) from None


def _shower(form: FileForm, patterns: tuple[str, ...] | None) -> _Show:
    pattern = (patterns or form.writing.dates)[0]
    decimal = form.writing.decimal

    def show(value: Any, number_format: str) -> str:
        match value:
            case None:
                return ""
            case str():
                return value
            case bool():
                return "true" if value else "false"
            case int():
                zeros = _LEADING_ZEROS.fullmatch(number_format)
                return str(value).zfill(len(zeros[0])) if zeros else str(value)
            case float():
                return _number(value).replace(".", decimal)
            case datetime() | date():
                return value.strftime(pattern)
            case time():
                return value.isoformat()
            case _:
                return str(value)

    return show


def _number(value: float) -> str:
    text = format(value, f".{_DIGITS_KEPT}g")
    if "e" not in text:
        return text
    return format(value, ".0f") if abs(value) >= 1 else format(value, ".20f").rstrip("0")
