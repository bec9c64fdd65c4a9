"""`duly walk`: decides now, or replays days that are past."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.output import WRONG_USE, emit, fail, progress, show

if TYPE_CHECKING:
    from app.loops.rehearsal import RehearsedDay

DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    app.command()(walk)


def walk(
    since: datetime | None = typer.Option(
        None, "--from", formats=DAY, help="The first day to replay."
    ),
    until: datetime | None = typer.Option(
        None, "--until", formats=DAY, help="The last day to replay."
    ),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Replay on a scratch copy; nothing is sent."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Decides for every case that is due. With --from and --until: replays a book, day by day."""
    if since is None and until is None:
        if dry_run:
            raise fail("Say which days: --from DATE --until DATE --dry-run.", code=WRONG_USE)
        _walk_now(as_json=as_json)
        return
    if since is None or until is None:
        raise fail("--from and --until go together.", code=WRONG_USE)
    if not dry_run:
        raise fail("Days can only be replayed: add --dry-run.", code=WRONG_USE)
    if until < since:
        raise fail("--until is before --from.", code=WRONG_USE)
    _replay(since, until, as_json=as_json)


def _walk_now(*, as_json: bool) -> None:
    """Enrols and decides; messages that come of it wait for a worker to deliver them."""
    from app.cli.databases import ready
    from app.engine.catalogue import Catalogue
    from app.engine.enrol import Enrolment
    from app.engine.walk import Walk
    from app.settings import read_settings

    settings, catalogue = read_settings(), Catalogue()
    looked = said = 0
    with ready(settings.database_url) as database, progress("Deciding") as tell:
        opened = Enrolment(database, catalogue).tick(database.now())
        loop = Walk(database, catalogue, batch=settings.batch_size)
        while (walked := loop.tick(database.now())).looked:
            looked, said = looked + walked.looked - walked.lost, said + walked.said
            tell(looked, None)
    if as_json:
        emit({"opened": opened, "decided": looked, "intended": said})
    else:
        show(f"{opened} cases opened, {looked} decided, {said} messages intended")


def _replay(since: datetime, until: datetime, *, as_json: bool) -> None:
    from app.cli.databases import ready
    from app.loops.rehearsal import rehearse
    from app.settings import read_settings

    total = (until - since).days + 1
    with (
        ready(read_settings().database_url) as database,
        tempfile.TemporaryDirectory(prefix="duly-") as folder,
        progress("Replaying") as tell,
    ):

        def watched(days: Iterable[RehearsedDay]) -> Iterator[RehearsedDay]:
            for number, day in enumerate(days, 1):
                tell(number, total)
                yield day

        days = watched(rehearse(database, Path(folder), since.date(), until.date()))
        if as_json:
            _stream(days)
            return
        told = [(day.day, len(day.written), _reasons(day)) for day in days]
    _table(told)


def _stream(days: Iterable[RehearsedDay]) -> None:
    """One JSON document, written a day at a time: years of days must not pile up in memory."""
    write = sys.stdout.write
    written = untold = 0
    write('{"days": [')
    for number, day in enumerate(days):
        write(",\n" if number else "\n")
        write(json.dumps(day.as_json(), ensure_ascii=False))
        written, untold = written + len(day.written), untold + len(day.not_written)
    write(f'\n], "written": {written}, "not_written": {untold}}}\n')


def _reasons(day: RehearsedDay) -> Counter[str]:
    return Counter(one.reason for one in day.not_written)


def _table(told: Sequence[tuple[date, int, Counter[str]]]) -> None:
    from rich.table import Table

    table = Table("day", "would have been written", "would not", "most frequent reason")
    for day, written, reasons in told:
        most = reasons.most_common(1)[0][0] if reasons else ""
        table.add_row(str(day), str(written), str(reasons.total()), most)
    show(table)
    written = sum(count for _, count, _ in told)
    untold = sum(reasons.total() for _, _, reasons in told)
    show(f"{written} messages in {len(told)} days; {untold} times one was not written.")
