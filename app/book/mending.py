"""Mends a row that stayed out: with other cells it is taken again, by the mapping of its feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from app.book.entries.shapes import Reject
from app.book.errors import FeedError, MappingError
from app.book.importing import Options, import_files
from app.book.kept_rejects import close_if_done, feed_of, row_of
from app.book.mapping.shape import FileFormat
from app.book.mapping.source import read_mapping
from app.book.reading.rows import Feed, RawRow, Written
from app.book.rejects import RejectsFile, rejects_path
from app.book.wrongs import wrong
from app.store.bulk import lock_rows, update_rows
from app.store.engines import Database
from app.store.rows import RejectedRow
from campaigns.worded import Worded, as_record, from_record


class NotMended(Exception):
    """The row is not there to be mended: somebody was quicker, or it is gone. It says so."""


@dataclass(frozen=True, slots=True)
class Mended:
    """Whether the row is in the book now; if not, all that is wrong with it as it was sent."""

    taken: bool
    reasons: Sequence[str] = ()  # one that is `Worded` is of the file as a whole


@dataclass(frozen=True, slots=True)
class Mending:
    """A row as somebody wants it: `seen` is how it stood before, as `version` says it."""

    row_id: int
    cells: Sequence[str]
    seen: str
    by: str
    now: datetime


def version(row: Row[Any]) -> str:
    """Changes with each change of the row."""
    return f"{row.state}:{row.changed_at.isoformat() if row.changed_at else ''}"


def mend(database: Database, mending: Mending, *, secret: bytes | None = None) -> Mended:
    """Takes the row again, with these cells, and keeps what is wrong with it otherwise.

    The row is claimed first, so that of two who mend it at once one is told. Raises `NotMended`.
    """
    with database.write() as session:
        row, feed = _claim(session, mending)
    mended = _take(database, row, feed, mending, secret)
    with database.write() as session:
        known = {
            "id": row.id,
            "cells": list(mending.cells),
            "reasons": [*map(_kept, mended.reasons)],
        }
        if mended.taken:
            known = {"id": row.id, "state": "taken", "cells": list(mending.cells)}
        update_rows(session, RejectedRow, [known])
        if mended.taken:
            close_if_done(session, row.feed_id, mending.now)
    return mended


def drop(session: Session, row_id: int, *, seen: str, by: str, now: datetime) -> None:
    """Leaves the row out for good. Raises `NotMended`."""
    row = _seen(session, row_id, seen)
    gone = {"id": row_id, "state": "dropped", "changed_at": now, "changed_by": by}
    update_rows(session, RejectedRow, [gone])
    close_if_done(session, row.feed_id, now)


def reasons_of(row: Row[Any]) -> Sequence[str]:
    """What is wrong with the row; what was wrong with its file as a whole is `Worded`."""
    return [each if isinstance(each, str) else from_record(each) for each in row.reasons]


def cell_reasons(header: Sequence[str], reasons: Sequence[str]) -> Mapping[int, Sequence[str]]:
    """What is wrong with which cell, by its place. −1: with the row. A reason begins with the name
    of its column; the longest that fits is meant."""
    found: dict[int, list[str]] = {}
    by_length = sorted(enumerate(header), key=lambda one: -len(one[1]))
    for reason in reasons:
        fits = (at for at, name in by_length if name and reason.startswith(f"{name} "))
        found.setdefault(next(fits, -1), []).append(reason)
    return found


def _kept(reason: str) -> str | dict[str, object]:
    return as_record(reason) if isinstance(reason, Worded) else reason


def _claim(session: Session, mending: Mending) -> tuple[Row[Any], Row[Any]]:
    row = _seen(session, mending.row_id, mending.seen)
    feed = feed_of(session, row.feed_id)
    if feed is None or len(mending.cells) != len(feed.header):
        raise NotMended("a row has one cell for each column of its file")
    claimed = {"id": row.id, "changed_at": mending.now, "changed_by": mending.by}
    update_rows(session, RejectedRow, [claimed])
    return row, feed


def _seen(session: Session, row_id: int, seen: str) -> Row[Any]:
    lock_rows(session, RejectedRow, [row_id])
    row = row_of(session, row_id)
    if row is None or row.state != "open":
        raise NotMended("somebody has mended or dropped this row already")
    if version(row) != seen:
        raise NotMended(f"{row.changed_by} has changed this row meanwhile: read it again")
    return row


def _take(
    database: Database, row: Row[Any], feed: Row[Any], mending: Mending, secret: bytes | None
) -> Mended:
    options = Options(mending.now, as_of=feed.as_of, secret=secret, keeps_rejects=False)
    with TemporaryDirectory() as folder:
        path = rejects_path(Path(folder) / feed.file_name, feed.sheet)
        written = Written(FileFormat.CSV, feed.encoding, feed.delimiter, feed.quote)
        with RejectsFile(path, Feed(tuple(feed.header), iter(()), written)) as file:
            raw = RawRow(row.line, tuple(mending.cells))
            file.add([Reject(raw, tuple(reasons_of(row)) or ("mended",))])
        try:
            mapping = read_mapping(feed.mapping, feed.mapping_name)
            (report,) = import_files(database, [path], mapping, options)
        except MappingError as problem:
            return Mended(False, (problem.told,))
        except FeedError as problem:
            return Mended(False, (str(problem),))
        except UnicodeEncodeError:
            return Mended(False, (wrong("encoding", encoding=feed.encoding),))
    if report.rejected or not report.accepted:
        told = [reason for note in report.rejects for reason in note.text.split("; ")]
        return Mended(False, told or [wrong("nothing_read")])
    return Mended(True)
