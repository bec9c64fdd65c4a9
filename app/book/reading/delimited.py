"""A delimited file as numbered rows. A row that cannot be read says why."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.book.errors import FeedError
from app.book.formulas import restored
from app.book.mapping.form_source import DELIMITERS
from app.book.mapping.shape import FileForm, FileFormat
from app.book.reading.rows import (
    LONGEST_CELL,
    LONGEST_LINE,
    MOST_COLUMNS,
    UNFIT,
    Feed,
    RawRow,
    Written,
    unfit,
)
from app.book.reading.text import Lines, encoding_of, foreign, open_text
from app.book.wrongs import wrong
from campaigns.worded import worded

REJECT_LINE, REJECT_REASONS = "duly_line", "duly_reasons"
_EXCEL_HINT = "sep="


@contextmanager
def open_delimited(path: Path, form: FileForm, columns: Sequence[str]) -> Iterator[Feed]:
    """Opens the file. `columns` are those that the mapping names: they tell the delimiter."""
    encoding = encoding_of(path, form.encoding)
    delimiter = _delimiter(path, form, encoding, columns)
    written = Written(FileFormat.CSV, encoding, delimiter, form.quote)
    with open_text(path, encoding) as stream:
        reader = _Reader(Lines(stream), written)
        header = reader.header(path, form.skip)
        yield Feed(header, reader.rows(header), written)


def _delimiter(path: Path, form: FileForm, encoding: str, columns: Sequence[str]) -> str:
    """The stated one, or the one by which the header holds most of the mapped columns.

    Raises `FeedError` where the stated one finds none of them and another does.
    """
    stated = form.delimiter
    known = tuple(dict.fromkeys((*((stated,) if stated else ()), *DELIMITERS)))
    found = {sign: _score(path, form, encoding, sign, columns) for sign in known}
    best: str = max(known, key=lambda sign: found[sign])
    if stated is None:
        return best
    if not found[stated][0] and found[best][0]:
        shown = {sign: worded("a tab") if sign == "\t" else f"`{sign}`" for sign in known}
        raise FeedError(
            worded(
                "%(file)s is delimited by %(found)s, and the mapping says %(stated)s; correct"
                " `delimiter`",
                file=path.name,
                found=shown[best],
                stated=shown[stated],
            )
        )
    return stated


def _score(
    path: Path, form: FileForm, encoding: str, delimiter: str, columns: Sequence[str]
) -> tuple[int, int]:
    """How many mapped columns the header has by this delimiter, then how many in all."""
    with open_text(path, encoding) as stream:
        written = Written(FileFormat.CSV, encoding, delimiter, form.quote)
        try:
            header = _Reader(Lines(stream), written).header(path, form.skip)
        except FeedError:
            return 0, 0
    return len(set(columns) & set(header)), len(header)


class _Reader:
    """Reads one open file."""

    def __init__(self, lines: Lines, written: Written) -> None:
        csv.field_size_limit(LONGEST_CELL)
        self._lines = lines
        self._written = written
        # A csv reader, whose type has no public name.
        self._reader: Any = csv.reader(
            lines, delimiter=written.delimiter, quotechar=written.quote, strict=True
        )

    def header(self, path: Path, skip: int) -> tuple[str, ...]:
        """The first row after `skip` lines that says anything."""
        for _ in range(skip):
            next(self._lines, None)
        self._skipped = skip
        while True:
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                raise FeedError(
                    worded(
                        "the header of %(file)s cannot be read (%(why)s)", file=path.name, why=error
                    )
                ) from None
            if cells is None:
                return ()
            hint = cells[0].lower().startswith(_EXCEL_HINT) if cells else False
            if any(cell.strip() for cell in cells) and not hint:
                break
        self._check(path, cells)
        names = tuple(name.strip() for name in cells)
        return tuple(map(restored, names)) if _is_ours(names) else names

    def _check(self, path: Path, cells: Sequence[str]) -> None:
        text = "".join(cells)
        if len(cells) > MOST_COLUMNS:
            raise FeedError(
                worded(
                    "%(file)s has more than %(most)s columns; is it a table?",
                    file=path.name,
                    most=MOST_COLUMNS,
                )
            )
        why = UNFIT if "\0" in text else foreign(text, self._written.encoding)
        if why is not None:
            raise FeedError(
                worded("the header of %(file)s cannot be read (%(why)s)", file=path.name, why=why)
            )

    def rows(self, header: Sequence[str]) -> Iterator[RawRow]:
        ours = _is_ours(header)
        lines = self._skipped + self._reader.line_num
        while True:
            line = lines + 1
            cells: list[str] = []
            fault = None
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                fault = _unreadable(error)
            lines = self._skipped + self._reader.line_num
            if self._lines.overlong():
                fault = wrong("long_line", most=LONGEST_LINE)
            if fault is not None:
                yield RawRow(line, (), fault)
            elif any(cells):
                told = [restored(cell) for cell in cells] if ours else cells
                yield RawRow(line, tuple(told), self._fault(told, len(header)))

    def _fault(self, cells: Sequence[str], width: int) -> str | None:
        if len(cells) != width:
            return wrong("cells", cells=len(cells), header=width)
        text = "".join(cells)
        return foreign(text, self._written.encoding) or (UNFIT if unfit(text) else None)


def _is_ours(header: Sequence[str]) -> bool:
    """Whether this is a file of rejects, in which formulas were made harmless."""
    return {REJECT_LINE, REJECT_REASONS} <= set(header)


def _unreadable(error: csv.Error) -> str:
    if "field limit" in str(error):
        return wrong("open_quote")
    return wrong("unread", why=error)
