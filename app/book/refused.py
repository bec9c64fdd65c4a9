"""Rows that an import refused: a list that is mended row by row, and then a feed again."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path

from app.book.formulas import neutral
from app.book.guessing.encodings import guess_encoding
from app.book.mapping.shape import FileForm
from app.book.reading.delimited import REJECT_LINE, REJECT_REASONS, open_delimited
from app.book.reading.rows import RawRow, Written


@dataclass(frozen=True, slots=True)
class Refused:
    """One row: where it stood in the feed, why it stayed out, and its cells in the feed's order."""

    at: int
    line: str
    reasons: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """Some rows of a file of rejects. `after` is the place of the next page, None on the last."""

    columns: tuple[str, ...]
    rows: Sequence[Refused]
    after: int | None


def read_refused(path: Path, *, after: int = 0, limit: int = 20) -> RefusedPage:
    """A page of the file that an import wrote. Raises `FeedError` for another file."""
    form = FileForm(encoding=guess_encoding(path).name)
    with open_delimited(path, form, ()) as feed:
        places = _Places.of(feed.header)
        found = list(islice(feed.rows, after, after + limit + 1))
        rows = [places.refused(at, raw) for at, raw in enumerate(found[:limit], start=after)]
    return RefusedPage(places.names, rows, after + limit if len(found) > limit else None)


def write_mended(path: Path, mended: Mapping[int, Sequence[str]]) -> bytes:
    """The mended rows of a file of rejects, written as it is: a feed for the same mapping.

    `mended` holds the cells of a row by its place. Raises `FeedError` as above.
    """
    form = FileForm(encoding=guess_encoding(path).name)
    with open_delimited(path, form, ()) as feed:
        places, written = _Places.of(feed.header), feed.written
        chosen = [
            [raw.cells[places.line], "", *mended[at]]
            for at, raw in enumerate(feed.rows)
            if at in mended
        ]
    return _encoded([REJECT_LINE, REJECT_REASONS, *places.names], chosen, written)


def _encoded(header: Sequence[str], rows: Sequence[Sequence[str]], written: Written) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=written.delimiter, quotechar=written.quote)
    for row in (header, *rows):
        writer.writerow(map(neutral, row))
    return text.getvalue().encode(written.encoding, errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class _Places:
    line: int
    reasons: int
    kept: tuple[int, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, header: Sequence[str]) -> _Places:
        own = (REJECT_LINE, REJECT_REASONS)
        kept = tuple(at for at, name in enumerate(header) if name not in own)
        line, reasons = (header.index(name) for name in own)
        return cls(line, reasons, kept, tuple(header[at] for at in kept))

    def refused(self, at: int, raw: RawRow) -> Refused:
        cells = raw.cells + ("",) * (max(self.kept, default=0) + 1 - len(raw.cells))
        reasons: Iterator[str] = (each.strip() for each in cells[self.reasons].split("; "))
        return Refused(
            at, cells[self.line], tuple(filter(None, reasons)), tuple(cells[i] for i in self.kept)
        )
