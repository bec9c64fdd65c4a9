"""What every reader answers: a header, and rows that are read once, as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.book.mapping.shape import FileFormat
from app.book.wrongs import wrong

LONGEST_LINE = 1 << 20
LONGEST_CELL = 1 << 17
MOST_COLUMNS = 500
UNFIT = wrong("unfit")


@dataclass(frozen=True, slots=True)
class RawRow:
    """`line` is the row's first line in the file; `fault` says why it has no usable cells."""

    line: int
    cells: tuple[str, ...]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How a file turned out to be written."""

    format: FileFormat
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote: str = '"'

    def __str__(self) -> str:
        if self.format is FileFormat.XLSX:
            return "xlsx"
        encoding = self.encoding.removesuffix("-sig")
        if self.format is FileFormat.JSON_LINES:
            return f"json_lines, {encoding}"
        return f"csv, {encoding}, delimiter {'tab' if self.delimiter == chr(9) else self.delimiter}"


@dataclass(frozen=True, slots=True)
class Feed:
    """An open file: its header, and its rows, which can be read once.

    `unseen` are columns that were asked for and that no row had where the file has no header.
    """

    header: tuple[str, ...]
    rows: Iterator[RawRow]
    written: Written
    unseen: tuple[str, ...] = ()


def unfit(text: str) -> bool:
    """Whether a database would refuse the text: it holds NUL or a lone surrogate."""
    if text.isprintable():
        return False
    return any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
