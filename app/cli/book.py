"""`duly import`, `duly walk`: a book in, and what would come of it."""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import typer
from rich.table import Table

from app.book.errors import BookError
from app.book.importing import import_file
from app.book.report import ImportReport
from app.cli.output import WRONG_USE, aside, emit, fail, progress, result
from app.cli.parts import build
from app.engine.outfit import outfit
from app.loops.rehearsal import RehearsedDay, rehearse
from app.settings import Settings, read_settings
from app.store.engines import Database
from campaigns.money import Money

DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    app.command("import")(import_book)
    app.command()(walk)


def import_book(
    file: Path = typer.Argument(help="The feed: a CSV file."),
    mapping: Path = typer.Option(..., "--map", help="Which column is what; see docs/importing.md."),
    dry_run: bool = typer.Option(False, help="Write nothing; say what would result."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Reads customers, addresses, invoices and payments. Doing it again changes nothing."""
    settings = read_settings()
    database = Database(settings.database_url)
    try:
        with progress(f"Reading {file.name}") as tell:
            report = import_file(
                database,
                file,
                mapping,
                dry_run=dry_run,
                now=database.now(),
                progress=lambda rows: tell(rows, None),
            )
    except (BookError, OSError) as problem:
        raise fail(problem, code=WRONG_USE) from None
    if not dry_run:
        _outfit(settings, database)
    if as_json:
        emit(report.as_json())
    else:
        _show(report)


def _outfit(settings: Settings, database: Database) -> None:
    """In development a new creditor gets the shipped campaigns, so that the loop runs at once."""
    if settings.environment == "production":
        return
    with database.write() as session:
        for name in outfit(session):
            aside().print(f"{name}: the shipped campaigns are on.", markup=False)


def _show(report: ImportReport) -> None:
    table = Table("", "", show_header=False, box=None)
    figures = {
        "rows": report.rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "new customers": report.customers_added,
        "new addresses": report.addresses_added,
        "new invoices": report.invoices_added,
        "changed invoices": report.invoices_changed,
        "new payments": report.payments_posted,
        "disputes opened": report.disputes_opened,
    }
    for name, figure in figures.items():
        table.add_row(name, str(figure))
    for name, sums in (("invoiced", report.invoiced), ("paid", report.paid)):
        for currency, minor in sorted(sums.items()):
            table.add_row(name, f"{Money(minor, currency).decimal} {currency}")
    result().print(f"{report.file}{' (nothing was written)' if report.dry_run else ''}")
    result().print(table)
    if report.rejected:
        where = f"; all in {report.rejects_file}" if report.rejects_file else ""
        aside().print(f"{report.rejected} rows were rejected{where}", markup=False)
    for note in report.rejects[:10]:
        aside().print(f"  line {note.line}: {note.text}", markup=False)


def walk(
    since: datetime = typer.Option(None, "--from", formats=DAY, help="The first day to replay."),
    until: datetime = typer.Option(None, formats=DAY, help="The last day to replay."),
    dry_run: bool = typer.Option(False, help="Replay on a scratch copy; nothing is sent."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Decides for every case that is due. With `--from` and `--until`: replays a book, day by day."""
    settings = read_settings()
    if (since is None) != (until is None):
        raise fail("--from and --until go together.", code=WRONG_USE)
    if since is None:
        if dry_run:
            raise fail("Say which days: --from DATE --until DATE --dry-run.", code=WRONG_USE)
        _walk_now(settings, as_json=as_json)
        return
    if not dry_run:
        raise fail("A past day can only be replayed: add --dry-run.", code=WRONG_USE)
    if until < since:
        raise fail("--until is before --from.", code=WRONG_USE)
    _replay(Database(settings.database_url), since, until, as_json=as_json)


def _walk_now(settings: Settings, *, as_json: bool) -> None:
    """Enrols and decides; messages that come of it wait for a worker to deliver them."""
    parts = build(settings)
    opened = parts.loops.enrolment.tick(parts.database.now())
    looked = said = 0
    while (walked := parts.loops.walk.tick(parts.database.now())).looked:
        looked, said = looked + walked.looked, said + walked.said
    if as_json:
        emit({"opened": opened, "looked": looked, "intended": said})
    else:
        result().print(f"{opened} cases opened, {looked} decided, {said} messages intended")


def _replay(database: Database, since: datetime, until: datetime, *, as_json: bool) -> None:
    total = (until - since).days + 1
    days: list[RehearsedDay] = []
    with tempfile.TemporaryDirectory(prefix="duly-") as folder, progress("Replaying") as tell:
        for day in rehearse(database, Path(folder), since.date(), until.date()):
            days.append(day)
            tell(len(days), total)
    if as_json:
        json.dump({"days": [day.as_json() for day in days]}, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
        return
    table = Table("day", "would have been written", "would not", "most frequent reason")
    for day in days:
        reasons = [one.reason for one in day.not_written]
        most = max(set(reasons), key=reasons.count, default="")
        table.add_row(str(day.day), str(len(day.written)), str(len(reasons)), most)
    result().print(table)
