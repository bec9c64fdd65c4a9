"""Rows of feeds that stayed out, kept until somebody has mended or dropped them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, long_text, ref


class RejectedFeed(SQLModel, table=True):
    """A file of which rows stayed out: how it was written, and the mapping that it was read by."""

    __tablename__ = "rejected_feed"
    id: int | None = key()
    import_run_id: int = ref("import_run")
    creditor_id: int = ref("creditor")
    file_name: str
    sheet: str | None = None
    header: list[str] = Field(default_factory=list, sa_type=JSON)
    encoding: str
    delimiter: str
    quote: str
    mapping_name: str
    mapping: str = long_text()
    kept_at: datetime
    left_out: int = 0  # rows beyond those that are kept: they are in the file of rejects alone


class RejectedRow(SQLModel, table=True):
    """One of its rows, as it stands in the file. Cells hold personal data and are emptied."""

    __tablename__ = "rejected_row"
    __table_args__ = (
        live_index("ix_rejected_row_open", "feed_id", "line", where="state = 'open'"),
        live_index("ix_rejected_row_kept", "kept_at", where="emptied_at IS NULL"),
    )
    id: int | None = key()
    feed_id: int = ref("rejected_feed")
    line: int
    cells: list[str] = Field(default_factory=list, sa_type=JSON)
    reasons: list[Any] = Field(default_factory=list, sa_type=JSON)
    """Texts; one of its file as a whole as `campaigns.worded.as_record` writes it."""
    state: str = "open"  # open | taken | dropped | replaced
    kept_at: datetime
    changed_at: datetime | None = None
    changed_by: str | None = None
    emptied_at: datetime | None = None
