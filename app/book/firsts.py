"""Which line of a file was the first to name something. Kept on disk, so that memory stays flat."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class First:
    """The line that named it first, and what that line said, as a digest."""

    line: int
    digest: str


class Firsts:
    """Names seen in one file. A context manager; its store ends with it."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("")  # a private file that SQLite deletes by itself
        self._store.execute(
            "CREATE TABLE first (name TEXT PRIMARY KEY, line INTEGER, digest TEXT) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def see(self, names: Sequence[tuple[str, int, str]]) -> Mapping[str, First]:
        """Notes names with their line and digest; answers the first sight of each."""
        self._store.executemany("INSERT OR IGNORE INTO first VALUES (?, ?, ?)", names)
        found: dict[str, First] = {}
        wanted = [name for name, _, _ in names]
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ", ".join("?" * len(part))
            query = f"SELECT name, line, digest FROM first WHERE name IN ({marks})"
            for name, line, digest in self._store.execute(query, part):
                found[name] = First(line, digest)
        return found
