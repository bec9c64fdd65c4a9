"""Where a database is that may not be there yet, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.store.engines import Database
from campaigns.worded import worded

REMEDY: Final = worded("Run: duly db upgrade")


def missing_file(database: Database) -> Path | None:
    """The file of a SQLite database that does not exist."""
    name = database.url.database
    if database.dialect != "sqlite" or name is None or name.startswith("file:"):
        return None
    path = Path(name)
    return None if path.exists() else path
