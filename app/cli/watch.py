"""`duly import --watch`: takes in the feeds that appear in a folder, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from app.cli.faults import explain
from app.cli.output import note, show
from app.cli.run import told_to_stop

if TYPE_CHECKING:
    from app.book.mapping.shape import FeedMapping
    from app.book.watching import Taken, WatchedFolder
    from app.store.documents import Documents
    from app.store.engines import Database

_LOOKS_EVERY: Final = 1.0  # seconds
_NAP: Final = 0.2


class _Stopped(Exception):
    """Ends an import between two batches. The file stays claimed, for the next start."""


def watch(
    database: Database,
    path: Path,
    mapping: FeedMapping,
    *,
    kept: Documents,
    secret: bytes,
    then: Callable[[], None],
) -> None:
    """Looks every second, and calls `then` after every file that went in.

    Ctrl+C ends it, at the latest after the batch that is being written.
    """
    from app.book.watching import watched

    told: list[bool] = []
    with watched(path) as folder, told_to_stop(lambda: told.append(True)):
        note(f"Watching {path} for feeds. Ctrl+C ends it.")
        with suppress(_Stopped):
            while not told:
                for taken in _taken(database, folder, mapping, kept, secret, told):
                    _tell(taken)
                    if taken.reports:
                        then()
                _nap(told)
    note("Stopped.")


def _taken(
    database: Database,
    folder: WatchedFolder,
    mapping: FeedMapping,
    kept: Documents,
    secret: bytes,
    told: list[bool],
) -> Iterator[Taken]:
    from app.book.importing import Options
    from app.book.watching import take_in

    def stop_if_told(_rows: int) -> None:
        if told:
            raise _Stopped

    try:
        options = Options(database.now(), progress=stop_if_told, documents=kept, secret=secret)
        yield from take_in(database, folder, mapping, options=options)
    except DBAPIError as problem:
        sentence, _ = explain(problem)
        note(f"{sentence} The file is tried again.")


def _nap(told: list[bool]) -> None:
    slept = 0.0
    while slept < _LOOKS_EVERY and not told:
        sleep(_NAP)
        slept += _NAP


def _tell(taken: Taken) -> None:
    if taken.problem is not None:
        show(f"{taken.name}: refused: {taken.problem}")
    for report in taken.reports:
        until = "the book's date stays"
        if report.as_of is not None:
            until = f"true up to {report.as_of:%Y-%m-%d %H:%M} UTC by the {report.as_of_from}"
        show(
            f"{report.file}: {report.accepted} of {report.rows} rows in, {report.rejected}"
            f" rejected, {report.changed} changes; {until}"
        )
