"""A delimited file as numbered rows, read as a stream. A row that cannot be read says why."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.book.errors import FeedError, MappingError
from app.book.mapping import FeedMapping, FileForm
from campaigns.findings import Report, did_you_mean

# Undecodable bytes become these, so that one bad row does not end the file.
_SURROGATES = range(0xDC80, 0xDD00)


@dataclass(frozen=True, slots=True)
class RawRow:
    """`line` is the row's first line in the file; `fault` says why it has no usable cells."""

    line: int
    cells: tuple[str, ...]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """An open file: its header, and its rows, which can be read once."""

    header: tuple[str, ...]
    rows: Iterator[RawRow]


@contextmanager
def open_feed(path: Path, mapping: FeedMapping) -> Iterator[Feed]:
    """Opens the file and holds its header against the mapping.

    Raises `FeedError` for a file that has no header row, and `MappingError` for columns that the
    mapping names and the file has not.
    """
    form = mapping.form
    try:
        stream = path.open(encoding=form.encoding, errors="surrogateescape", newline="")
    except OSError as error:
        raise FeedError(
            f"{path.name} cannot be opened ({error.strerror}); check its path"
        ) from None
    with stream:
        reader = csv.reader(stream, delimiter=form.delimiter, quotechar=form.quote, strict=True)
        try:
            header = tuple(name.strip() for name in next(reader, []))
        except csv.Error as error:
            raise FeedError(f"the header of {path.name} cannot be read ({error})") from None
        _check_header(path, header, mapping)
        yield Feed(header, _rows(reader, len(header), form))


def content_hash(path: Path) -> str:
    """SHA-256 of the file, read in pieces."""
    digest = sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _check_header(path: Path, header: tuple[str, ...], mapping: FeedMapping) -> None:
    if not any(header):
        raise FeedError(f"{path.name} has no header; its first row must name the columns")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise FeedError(f"{path.name} names a column twice: {', '.join(twice)}; rename one")
    report = Report(mapping.file)
    for source in mapping.sources():
        if source.column is not None and source.column not in header:
            remedy = did_you_mean(source.column, header) or f"It has {', '.join(header)}."
            report.add(source.place, f"{path.name} has no column `{source.column}`", remedy)
    if report.findings:
        raise MappingError(report.findings)


def _rows(reader: Any, width: int, form: FileForm) -> Iterator[RawRow]:
    """`reader` is a csv reader, whose type has no public name."""
    lines = reader.line_num
    while True:
        line = lines + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines = reader.line_num
            yield RawRow(line, (), f"the row cannot be read: {error}")
            continue
        lines = reader.line_num
        if cells:
            yield RawRow(line, tuple(cells), _fault(cells, width, form))


def _fault(cells: list[str], width: int, form: FileForm) -> str | None:
    if len(cells) != width:
        return f"the row has {len(cells)} cells, the header {width}"
    text = "".join(cells)
    if not text.isascii() and any(ord(character) in _SURROGATES for character in text):
        return f"the row is not written in {form.encoding.removesuffix('-sig')}"
    return None
