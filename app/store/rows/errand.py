"""Work that somebody asked for and that goes on without them: imports, exports, acts on many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from app.store.columns import json_column, key, live_index, long_text


class Errand(SQLModel, table=True):
    """One piece of background work, done by whichever worker holds its lease.

    `fence` rises with every taking, so a worker that lost its lease can write nothing more.
    `cursor` is where the work goes on after a crash; it is written in the transaction of the work
    itself. `tries` counts takings that got no further. `parameters` and `result` hold no personal
    data: that is in the files, which go after some days.
    """

    __tablename__ = "errand"
    __table_args__ = (
        live_index("ix_errand_live", "lane", "id", where="ended_at IS NULL"),
        live_index(
            "ix_errand_files", "ended_at", where="ended_at IS NOT NULL AND files_gone_at IS NULL"
        ),
        Index("ix_errand_kind", "kind", "id"),
        Index("ix_errand_file", "file"),
        Index("ix_errand_result_file", "result_file"),
    )
    id: int | None = key()
    kind: str
    lane: str  # quick | long: a long import holds up no small export
    asked_by: str
    asked_by_id: int | None = None  # the user's number; None: a command
    creditor_id: int | None = None
    parameters: dict[str, Any] = json_column()
    file: str | None = None  # what was uploaded, in the store of files
    state: str = "waiting"  # waiting | running | done | failed | cancelled
    done: int = 0
    of: int | None = None  # None: nobody knows yet
    cursor: dict[str, Any] = json_column()
    result: dict[str, Any] = json_column()
    result_file: str | None = None
    error: str | None = long_text(null=True)
    fence: int = 0
    tries: int = 0
    lease_until: datetime | None = None
    heartbeat_at: datetime | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_asked_at: datetime | None = None
    cancel_asked_by: str | None = None
    files_gone_at: datetime | None = None
