"""Rows of feeds that stayed out, kept for people to mend: beside the file of rejects, in the book.

A mended row goes in by the same way as the feed: as a file of rejects, by the same mapping. What
rows hold is personal, and is emptied after `KEPT_FOR`, mended or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, select, update
from sqlmodel import Session

from app.book.entries.shapes import Reject
from app.book.mapping.shape import FeedMapping
from app.book.reading.delimited import REJECT_LINE, REJECT_REASONS
from app.book.reading.rows import Feed
from app.book.readings import Reading
from app.book.rejects import SUFFIX
from app.store.bulk import insert_new, insert_returning_ids, insert_rows, update_rows
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import ImportRun, RejectedFeed, RejectedRow, Task
from app.store.tasks import DONE_WITHIN

MOST_KEPT: Final = 1000
"""Rows of a file. More is no slip of a pen: the feed or its mapping is mended, and read again."""

_MOST_COMPARED: Final = 5 * MOST_KEPT

KEPT_FOR: Final = timedelta(days=30)

KIND: Final = "import_rejects"

_RUN, _FEED, _ROW = table_of(ImportRun), table_of(RejectedFeed), table_of(RejectedRow)
_TASK = table_of(Task)


@dataclass(slots=True)
class KeptRejects:
    """Collects what stays out of one file, in the transactions of its batches."""

    run_id: int
    reading: Reading
    feed: Feed
    mapping: FeedMapping
    now: datetime = field(kw_only=True)
    _feed_id: int | None = None
    _kept: int = 0
    _waiting: frozenset[tuple[str, ...]] | None = None

    def add(self, session: Session, creditor_id: int, rejects: Sequence[Reject]) -> None:
        """Keeps them, and gives operations the task with the first of them. A row that waits
        already, from the same file of another day or from a file of its rejects, is not kept
        again."""
        if not rejects and not self.reading.path.name.endswith(SUFFIX):
            return
        if self._waiting is None:
            self._waiting = self._begun(session, creditor_id)
        rejects = [each for each in rejects if tuple(self._cells(each)) not in self._waiting]
        if not rejects:
            return
        if self._feed_id is None:
            self._feed_id = self._begin(session, creditor_id)
        kept = rejects[: MOST_KEPT - self._kept]
        insert_rows(session, RejectedRow, [self._row(self._feed_id, each) for each in kept])
        self._kept += len(kept)
        if len(kept) < len(rejects):
            more = _FEED.c.left_out + len(rejects) - len(kept)
            session.connection().execute(
                update(_FEED).where(_FEED.c.id == self._feed_id).values(left_out=more)
            )

    def _begun(self, session: Session, creditor_id: int) -> frozenset[tuple[str, ...]]:
        """The rows that wait from files of this name. A file of rejects takes their place: whoever
        mended them there says with it what becomes of each."""
        query = (
            select(_ROW.c.id, _ROW.c.feed_id, _ROW.c.cells, _FEED.c.file_name, _FEED.c.sheet)
            .join(_FEED, _FEED.c.id == _ROW.c.feed_id)
            .where(_FEED.c.creditor_id == creditor_id, _ROW.c.state == word("open"))
            .order_by(_ROW.c.id.desc())
            .limit(_MOST_COMPARED)
        )
        name = self.reading.path.name
        waiting = [
            row
            for row in session.connection().execute(query)
            if _base(name) in (_base(row.file_name), f"{_base(row.file_name)}.{row.sheet}")
        ]
        if not name.endswith(SUFFIX):
            return frozenset(tuple(row.cells) for row in waiting)
        over = {"state": "replaced", "changed_at": self.now, "changed_by": "import"}
        update_rows(session, RejectedRow, [{"id": row.id, **over} for row in waiting])
        for feed_id in sorted({row.feed_id for row in waiting}):
            close_if_done(session, feed_id, self.now)
        return frozenset()

    def _begin(self, session: Session, creditor_id: int) -> int:
        written = self.feed.written
        row = {
            "import_run_id": self.run_id,
            "creditor_id": creditor_id,
            "file_name": self.reading.path.name,
            "sheet": self.reading.sheet,
            "header": [name for name in self.feed.header if name not in _OURS],
            "encoding": written.encoding,
            "delimiter": written.delimiter,
            "quote": written.quote,
            "mapping_name": self.mapping.file,
            "mapping": self.mapping.text,
            "kept_at": self.now,
        }
        (feed_id,) = insert_returning_ids(session, RejectedFeed, [row])
        task = {
            "key": task_key(feed_id),
            "team": "operations",
            "kind": KIND,
            "title": "Rows of a feed stayed out: mend them, or drop them",
            "detail": {"feed_id": feed_id, "import_run_id": self.run_id},
            "created_at": self.now,
            "due_at": self.now + DONE_WITHIN,
        }
        insert_new(session, Task, [task])
        return feed_id

    def _row(self, feed_id: int, reject: Reject) -> dict[str, Any]:
        return {
            "feed_id": feed_id,
            "line": reject.raw.line,
            "cells": self._cells(reject),
            "reasons": list(reject.reasons),
            "kept_at": self.now,
        }

    def _cells(self, reject: Reject) -> list[str]:
        ours = [at for at, name in enumerate(self.feed.header) if name in _OURS]
        return [text for at, text in enumerate(reject.raw.cells) if at not in ours]


def _base(name: str) -> str:
    """The name of the feed itself, of a file of its rejects."""
    while name.endswith(SUFFIX):
        name = name.removesuffix(SUFFIX)
    return name


def task_key(feed_id: int) -> str:
    """Of the task that asks to mend the rows of a file."""
    return f"{KIND}:{feed_id}"


def feed_of(session: Session, feed_id: int) -> Row[Any] | None:
    """The file, with up to when it told the truth."""
    query = select(_FEED, _RUN.c.as_of).join(_RUN, _RUN.c.id == _FEED.c.import_run_id)
    return session.connection().execute(query.where(_FEED.c.id == feed_id)).one_or_none()


def waiting_feeds(
    session: Session, file_names: Sequence[str], since: datetime
) -> Sequence[Row[Any]]:
    """The files of these names that were read since then and have rows to mend."""
    open_row = select(_ROW.c.id).where(_ROW.c.feed_id == _FEED.c.id, _ROW.c.state == word("open"))
    query: Select[Any] = select(_FEED.c.id, _FEED.c.file_name).where(
        _FEED.c.kept_at >= since, _FEED.c.file_name.in_(file_names), open_row.exists()
    )
    return session.connection().execute(query.order_by(_FEED.c.id)).all()


def settled_lines(
    session: Session, file_name: str, since: datetime, until: datetime
) -> frozenset[int]:
    """The lines that stayed out of a file that was read at that time, and were mended or dropped
    since."""
    query = (
        select(_ROW.c.line)
        .join(_FEED, _FEED.c.id == _ROW.c.feed_id)
        .where(
            _FEED.c.kept_at.between(since, until),
            _FEED.c.file_name == file_name,
            _ROW.c.state != word("open"),
        )
    )
    return frozenset(session.connection().execute(query).scalars())


def row_of(session: Session, row_id: int) -> Row[Any] | None:
    return session.connection().execute(select(_ROW).where(_ROW.c.id == row_id)).one_or_none()


def open_rows(
    session: Session, feed_id: int, *, after_line: int = 0, most: int = 50
) -> Sequence[Row[Any]]:
    """The rows that nobody has mended or dropped, in the order of the file."""
    query = (
        select(_ROW)
        .where(_ROW.c.feed_id == feed_id, _ROW.c.state == word("open"), _ROW.c.line > after_line)
        .order_by(_ROW.c.line)
        .limit(most)
    )
    return session.connection().execute(query).all()


def forgettable_rows(now: datetime) -> Select[Any]:
    """Rows that are kept for longer than `KEPT_FOR`."""
    return select(_ROW.c.id).where(_ROW.c.emptied_at.is_(None), _ROW.c.kept_at < now - KEPT_FOR)


def forget_rows(session: Session, now: datetime) -> int:
    """Empties those; what was open is dropped, and the tasks of files that have no other open row
    are done. Answers how many."""
    old = session.connection().execute(forgettable_rows(now).limit(MOST_KEPT)).scalars().all()
    rows = session.connection().execute(select(_ROW).where(_ROW.c.id.in_(old))).all()
    emptied = {"cells": [], "reasons": [], "emptied_at": now}
    dropped = {"state": "dropped", "changed_at": now, "changed_by": "retention"}
    update_rows(
        session,
        RejectedRow,
        [{"id": row.id, **emptied, **(dropped if row.state == "open" else {})} for row in rows],
    )
    for feed_id in sorted({row.feed_id for row in rows}):
        close_if_done(session, feed_id, now)
    return len(rows)


def close_if_done(session: Session, feed_id: int, now: datetime) -> None:
    """The task of a file is done once none of its rows is open."""
    if open_rows(session, feed_id, most=1):
        return
    session.connection().execute(
        update(_TASK)
        .where(_TASK.c.key == task_key(feed_id), _TASK.c.state == word("open"))
        .values(state="done", done_at=now)
    )


_OURS: Final = (REJECT_LINE, REJECT_REASONS)
