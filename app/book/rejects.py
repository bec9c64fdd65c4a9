"""The rows that stayed out, in a file beside the feed: mend it and import it like the feed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TextIO

from app.book.entries.shapes import Reject
from app.book.formulas import neutral
from app.book.reading.delimited import REJECT_LINE, REJECT_REASONS
from app.book.reading.rows import Feed, Written

SUFFIX = ".rejects.csv"


def rejects_path(feed: Path, sheet: str | None = None) -> Path:
    """Where the rejects of a feed lie; `sheet` names the part of a workbook that has several."""
    within = f".{sheet}" if sheet else ""
    return feed.with_name(f"{feed.name}{within}{SUFFIX}")


class RejectsFile:
    """Collects rejects under another name and takes its own only when all are in.

    It holds what the feed holds, so only its owner may read it. Without rejects there is no file,
    and one of an earlier import is removed.
    """

    def __init__(self, path: Path, feed: Feed) -> None:
        self.path = path
        self._part = self.path.with_name(f"{self.path.name}.part")
        self._written: Written = feed.written
        self._header: Sequence[str] = feed.header
        # A file of rejects that was mended has these columns already.
        ours = (REJECT_LINE, REJECT_REASONS)
        self._kept = [at for at, name in enumerate(feed.header) if name not in ours]
        self._writer: Any = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._open.close()
        if kind is not None:
            self._part.unlink(missing_ok=True)
        elif self._writer is not None:
            self._part.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)

    def add(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            if self._writer is None:
                self._begin()
            cells = reject.raw.cells
            kept = [cells[at] for at in self._kept if at < len(cells)]
            beyond = cells[len(self._header) :]
            told = [reject.raw.line, "; ".join(reject.reasons), *map(neutral, (*kept, *beyond))]
            self._writer.writerow(told)

    def _begin(self) -> None:
        self._part.unlink(missing_ok=True)
        self._part.touch(mode=0o600)
        stream: TextIO = self._open.enter_context(
            self._part.open(
                "w", encoding=self._written.encoding, errors="surrogateescape", newline=""
            )
        )
        self._writer = csv.writer(
            stream, delimiter=self._written.delimiter, quotechar=self._written.quote
        )
        names = map(neutral, (self._header[at] for at in self._kept))
        self._writer.writerow([REJECT_LINE, REJECT_REASONS, *names])
