"""A folder in which feeds appear: each is claimed by a rename, imported, and put away.

    DIR/x.csv                 arrived; taken once it has stopped growing
    DIR/working/x.csv/x.csv   claimed; what a crash leaves here is imported again: no harm
    DIR/done/                 what went in, wholly or in part
    DIR/rejected/             what did not: whole files with their reason, and rows with theirs

One watcher has a folder at a time: it holds a lock that the system lets go when it dies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from app.book.errors import BookError, FeedError
from app.book.importing import Options, import_files
from app.book.mapping.shape import FeedMapping
from app.book.readings import rank_of
from app.book.rejects import SUFFIX
from app.book.report import ImportReport
from app.store.engines import Database

SETTLED = timedelta(seconds=3)
WORKING, DONE, REJECTED = "working", "done", "rejected"
_LOCK = ".duly-watch.lock"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
_DOCUMENTS = (".pdf", ".png", ".jpg", ".jpeg", ".xml")  # rows name them; they are no feeds


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file. `reports` is empty where `problem` says why it is no feed."""

    name: str
    reports: tuple[ImportReport, ...] = ()
    problem: str | None = None


@dataclass(slots=True)
class WatchedFolder:
    """A folder that this process watches. Made by `watched`."""

    path: Path
    _seen: dict[Path, tuple[int, int, datetime]] = field(default_factory=dict)

    def arrived(self) -> list[Path]:
        """The files that wait, whether they are whole or not."""
        return sorted(path for path in self.path.iterdir() if _is_feed(path))

    def claim(self, now: datetime) -> list[Path]:
        """Claims what has not changed for `SETTLED`, and answers all that is claimed."""
        arrived = self.arrived()
        for path in arrived:
            if self._is_settled(path, now):
                _claim(path, self.path / WORKING)
        self._seen = {path: seen for path, seen in self._seen.items() if path in arrived}
        return _claimed(self.path / WORKING)

    def put_away(self, claimed: Path, *, into: str, now: datetime, reason: str = "") -> None:
        """Moves a claimed file to where it rests, with its rejects or the reason for it."""
        target = _free(self.path / into / claimed.name, now)
        for rejects in sorted(claimed.parent.glob(f"*{SUFFIX}")):
            if rejects != claimed:
                rejects.replace(_free(self.path / REJECTED / rejects.name, now))
        if reason:
            target.with_name(f"{target.name}.reason.txt").write_text(f"{reason}\n", "utf-8")
        claimed.replace(target)
        claimed.parent.rmdir()

    def _is_settled(self, path: Path, now: datetime) -> bool:
        try:
            told = path.stat()
        except OSError:
            return False
        size, changed, since = self._seen.get(path, (-1, -1, now))
        if (told.st_size, told.st_mtime_ns) != (size, changed):
            self._seen[path] = (told.st_size, told.st_mtime_ns, now)
            return False
        return now - since >= SETTLED


@contextmanager
def watched(path: Path) -> Iterator[WatchedFolder]:
    """The folder, as long as this process has its lock. Raises `FeedError` if another has it."""
    for name in (WORKING, DONE, REJECTED):
        (path / name).mkdir(exist_ok=True)
    with (path / _LOCK).open("a") as lock:
        _take(lock, path)
        yield WatchedFolder(path)


def take_in(
    database: Database,
    folder: WatchedFolder,
    mapping: FeedMapping,
    *,
    options: Options,
) -> Iterator[Taken]:
    """Imports what has settled, customers first, one file after the other.

    Documents lie below the watched folder.

    A file that is refused is put away with its reason, and never holds up the next. What the
    database refuses is raised; the file stays claimed, and is taken in again the next time.
    """
    now, options = options.now, replace(options, documents_from=folder.path)
    claimed = folder.claim(now)
    for path in sorted(claimed, key=lambda path: (rank_of(path, mapping), path.name)):
        try:
            reports = tuple(import_files(database, [path], mapping, options))
        except BookError as problem:
            folder.put_away(path, into=REJECTED, now=now, reason=str(problem))
            yield Taken(path.name, problem=str(problem))
            continue
        useless = all(report.rejected and not report.accepted for report in reports)
        folder.put_away(path, into=REJECTED if useless else DONE, now=now)
        yield Taken(path.name, reports)


def _is_feed(path: Path) -> bool:
    name = path.name
    hidden = name.startswith((".", "~$")) or name.lower().endswith((*_UNFINISHED, *_DOCUMENTS))
    return not hidden and path.is_file() and not path.is_symlink()


def _claim(path: Path, working: Path) -> None:
    """A rename is whole or not at all, so that no two watchers have one file."""
    place = working / path.name
    place.mkdir(exist_ok=True)
    if not (place / path.name).exists():
        path.rename(place / path.name)


def _claimed(working: Path) -> list[Path]:
    """What this watcher, or one that died, has claimed."""
    places = [place for place in sorted(working.iterdir()) if place.is_dir()]
    return [place / place.name for place in places if (place / place.name).is_file()]


def _free(path: Path, now: datetime) -> Path:
    """The path, or one beside it that no file has."""
    number, found = 1, path
    while found.exists():
        more = f"-{number}" if number > 1 else ""
        found = path.with_name(f"{path.stem}.{now:%Y%m%dT%H%M%S}{more}{path.suffix}")
        number += 1
    return found


def _take(lock: IO[str], path: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  # there is none elsewhere

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  # there is none on Windows

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise FeedError(
            f"{path} is watched by another process already; end that one first"
        ) from None
