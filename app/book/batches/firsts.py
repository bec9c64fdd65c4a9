"""What the files of one import named so far. Kept on disk, so that memory stays flat."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

_IN_ONE_QUERY = 500


@dataclass(frozen=True, slots=True)
class First:
    """The line that named something first, and what that line said, as a digest."""

    file: str
    line: int
    digest: str

    def told(self, file: str) -> str:
        """Where it stands, as one reads it from `file`."""
        return f"line {self.line}" if file == self.file else f"line {self.line} of {self.file}"


class Firsts:
    """Names seen in one import. A context manager; its store ends with it."""

    def __init__(self) -> None:
        self.file = ""
        self._store = sqlite3.connect("")  # a private file that SQLite deletes by itself
        self._store.executescript(
            """
            CREATE TABLE first (name TEXT PRIMARY KEY, file TEXT, line INTEGER, digest TEXT)
                WITHOUT ROWID;
            CREATE TABLE occurrence (name TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID;
            """
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def begin(self, file: str) -> None:
        """Another file begins. Names stay known; occurrences are counted anew for each file."""
        self.file = file
        self._store.execute("DELETE FROM occurrence")

    def see(self, names: Sequence[tuple[str, int, str]]) -> Mapping[str, First]:
        """Notes names with their line and digest; answers the first sight of each."""
        self._store.executemany(
            "INSERT OR IGNORE INTO first VALUES (?, ?, ?, ?)",
            [(name, self.file, line, digest) for name, line, digest in names],
        )
        return self.seen([name for name, _, _ in names])

    def seen(self, names: Sequence[str]) -> Mapping[str, First]:
        """The first sight of those names that were seen."""
        found: dict[str, First] = {}
        for start in range(0, len(names), _IN_ONE_QUERY):
            part = names[start : start + _IN_ONE_QUERY]
            marks = ", ".join("?" * len(part))
            query = f"SELECT name, file, line, digest FROM first WHERE name IN ({marks})"
            for name, file, line, digest in self._store.execute(query, part):
                found[name] = First(file, line, digest)
        return found

    def occurrence(self, name: str) -> int:
        """How often this file has said this by now, this time included."""
        query = (
            "INSERT INTO occurrence VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET times = times + 1 RETURNING times"
        )
        (times,) = self._store.execute(query, (name,)).fetchone()
        return int(times)
