"""Opens a file of any format as a feed, and holds its header against the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import assert_never

from app.book.errors import FeedError, MappingError
from app.book.mapping.shape import FileFormat, Part
from app.book.reading.delimited import REJECT_LINE, open_delimited
from app.book.reading.format import recognise
from app.book.reading.json_lines import open_json_lines
from app.book.reading.rows import Feed
from app.book.reading.workbook import open_workbook
from campaigns.findings import Report, did_you_mean
from campaigns.worded import worded

_PIECE = 1 << 20


@contextmanager
def open_feed(path: Path, parts: Sequence[Part], mapping_file: str) -> Iterator[Feed]:
    """Opens a file whose rows `parts` read; they are written the same way.

    Raises `FeedError` for a file that is no feed, and `MappingError` for columns that the mapping
    names and the file has not.
    """
    with _opened(path, parts) as feed:
        _check_header(path, feed, parts, mapping_file)
        yield feed


def content_hash(path: Path) -> str:
    """SHA-256 of the file, read in pieces."""
    digest = sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _opened(path: Path, parts: Sequence[Part]) -> AbstractContextManager[Feed]:
    form = parts[0].form
    found = recognise(path)
    sources = [source for part in parts for source in part.sources() if source.column is not None]
    columns = tuple(dict.fromkeys(source.column for source in sources if source.column))
    # Rejects of any format are CSV, and are imported by the same mapping.
    ours = found is FileFormat.CSV and path.name.endswith(".rejects.csv")
    if form.format not in (None, found) and not ours:
        raise FeedError(
            worded(
                "%(file)s is %(found)s, and the mapping says %(stated)s",
                file=path.name,
                found=found,
                stated=form.format,
            )
        )
    match found:
        case FileFormat.CSV:  # our own begin with their header, whatever stood above it in the feed
            return open_delimited(path, replace(form, skip=0) if ours else form, columns)
        case FileFormat.JSON_LINES:
            return open_json_lines(path, form, columns)
        case FileFormat.XLSX:
            patterns = {s.column: s.dates for s in sources if s.column and s.dates}
            return open_workbook(path, form, patterns)
    assert_never(found)


def _check_header(path: Path, feed: Feed, parts: Sequence[Part], mapping_file: str) -> None:
    header = feed.header
    if not any(header):
        raise FeedError(
            worded("%(file)s has no header; its first row must name the columns", file=path.name)
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise FeedError(
            worded(
                "%(file)s names a column twice: %(names)s; rename one",
                file=path.name,
                names=", ".join(twice),
            )
        )
    report = Report(mapping_file)
    for source in (source for part in parts for source in part.sources()):
        if source.column is not None and source.column not in header:
            known = [name for name in header if name and not name.startswith(REJECT_LINE)]
            remedy = did_you_mean(source.column, known) or worded(
                "It has %(known)s.", known=", ".join(known)
            )
            report.add(
                source.place,
                worded("%(file)s has no column `%(column)s`", file=path.name, column=source.column),
                remedy,
            )
    if report.findings:
        raise MappingError(report.findings)
