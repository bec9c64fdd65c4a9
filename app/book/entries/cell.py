"""A mapping's source against a header: from a row of texts to a typed value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.book.mapping.cells import CellError, CellType, Convert, converter
from app.book.mapping.keys import OTHERWISE
from app.book.mapping.shape import FileForm, Sign, Source
from app.book.wrongs import wrong


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands, and how it is read."""

    label: str
    index: int | None
    constant: str
    default: str
    words: Mapping[str, str] | None
    blank: frozenset[str]
    convert: Convert
    sign: Sign

    def read(self, cells: Sequence[str]) -> Any:
        """The value, or None when the cell says nothing. Raises `CellError`."""
        text = self.constant if self.index is None else cells[self.index].strip()
        if text in self.blank:
            text = self.default
        elif self.words is not None:
            meaning = self.words.get(text, self.words.get(OTHERWISE))
            if meaning is None:
                raise CellError(wrong("unmapped"))
            text = meaning
        if not text:
            return None
        value: Any = self.convert(text)
        return value if self.sign is Sign.PLUS else _above_zero(value)

    def is_blank(self, cells: Sequence[str]) -> bool:
        """Whether a column says nothing. A constant never says anything of a row."""
        return self.index is None or cells[self.index].strip() in self.blank


def _above_zero(value: Decimal) -> Decimal:
    if value > 0:
        raise CellError(wrong("no_minus"))
    return -value


class Cells:
    """Makes cells for one feed and one part of its mapping."""

    def __init__(self, form: FileForm, header: Sequence[str]) -> None:
        self._form = form
        self._header = {name: index for index, name in enumerate(header)}

    def make(self, key: str, source: Source, cell_type: CellType) -> Cell:
        writing = self._form.writing
        if source.dates is not None:
            writing = replace(writing, dates=source.dates)
        return Cell(
            label=source.column or key,
            index=None if source.column is None else self._header[source.column],
            constant=source.value or "",
            default=source.default or "",
            words=source.words,
            blank=self._form.blank,
            convert=converter(cell_type, writing),
            sign=source.sign,
        )

    def maybe(self, key: str, source: Source | None, cell_type: CellType) -> Cell | None:
        return None if source is None else self.make(key, source, cell_type)

    def section(
        self, section: str, sources: Mapping[str, Source], types: Mapping[str, CellType]
    ) -> Mapping[str, Cell]:
        return {
            key: self.make(f"{section}.{key}", source, types[key])
            for key, source in sources.items()
        }


@dataclass(slots=True)
class Row:
    """One row while it is read: collects what is wrong."""

    cells: Sequence[str]
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def value(self, cell: Cell | None) -> Any:
        if cell is None:
            return None
        try:
            return cell.read(self.cells)
        except CellError as error:
            self.object(cell, str(error))
            return None

    def values(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        return {key: self.value(cell) for key, cell in cells.items()}

    def says(self, cells: Mapping[str, Cell]) -> bool:
        """Whether any column of a section holds something."""
        return not all(cell.is_blank(self.cells) for cell in cells.values())

    def object(self, cell: Cell, why: str) -> None:
        self.reasons.append(f"{cell.label} {why}")
