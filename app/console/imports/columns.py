"""The columns of a file that is looked at: what some of their cells hold, and which cannot be read.

A cell that the mapping cannot read as its column's field says why; the others stand as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.book.errors import MappingError
from app.book.mapping.cells import CellError, converter
from app.book.mapping.keys import FIELDS
from app.book.mapping.shape import Part
from app.book.mapping.source import read_mapping
from app.errands.imports import MAPPING

_Read = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class CellShown:
    """One cell; `fault` is a reason of the import, "" for one that can be read."""

    text: str = field(repr=False)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """One column of the file: some of what it holds, and the field that it is."""

    name: str
    cells: tuple[CellShown, ...]
    field: str


def shown(
    name: str, texts: Sequence[str], field_: str, readers: Mapping[str, _Read]
) -> ColumnShown:
    """The column as the field that it is."""
    read = readers.get(name)
    cells = tuple(CellShown(text, _fault(name, text, read)) for text in texts)
    return ColumnShown(name, cells, field_)


def readers_of(mapping: str) -> Mapping[str, _Read]:
    """What reads the cells of each column, by its name; nothing where the mapping is none. Columns
    whose words are mapped read whatever they name."""
    try:
        parts = read_mapping(mapping, MAPPING).parts
    except MappingError:
        return {}
    return dict(read for part in parts for read in _readers(part))


def _readers(part: Part) -> Iterator[tuple[str, _Read]]:
    usual = part.form.writing
    for section, sources in part.fields.items():
        for name, source in sources.items():
            if source.column is not None and source.words is None:
                writing = replace(usual, dates=source.dates or usual.dates)
                yield source.column, converter(FIELDS[section][name], writing)


def _fault(name: str, text: str, read: _Read | None) -> str:
    """As a row's reason, which begins with its column."""
    try:
        if read is not None:
            read(text)
    except CellError as problem:
        return f"{name} {problem}"
    return ""
