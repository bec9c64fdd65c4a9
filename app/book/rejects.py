"""The rows that stayed out, in a file beside the feed: mend it and import it like the feed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TextIO

from app.book.entries import Reject
from app.book.mapping import FileForm

LINE, REASONS = "duly_line", "duly_reasons"


def rejects_path(feed: Path) -> Path:
    """Where the rejects of a feed lie."""
    return feed.with_name(f"{feed.name}.rejects.csv")


class RejectsFile:
    """Collects rejects under another name and takes its own only when all are in.

    It holds what the feed holds, so only its owner may read it. Without rejects there is no file,
    and one of an earlier import is removed.
    """

    def __init__(self, feed: Path, form: FileForm, header: Sequence[str]) -> None:
        self.path = rejects_path(feed)
        self._part = self.path.with_name(f"{self.path.name}.part")
        self._form = form
        self._header = header
        # A file of rejects that was mended has these columns already.
        self._kept = [at for at, name in enumerate(header) if name not in (LINE, REASONS)]
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
            self._writer.writerow([reject.raw.line, "; ".join(reject.reasons), *kept, *beyond])

    def _begin(self) -> None:
        self._part.unlink(missing_ok=True)
        self._part.touch(mode=0o600)
        stream: TextIO = self._open.enter_context(
            self._part.open("w", encoding=self._form.encoding, errors="surrogateescape", newline="")
        )
        self._writer = csv.writer(
            stream, delimiter=self._form.delimiter, quotechar=self._form.quote
        )
        self._writer.writerow([LINE, REASONS, *(self._header[at] for at in self._kept)])
