"""`duly import`: a book in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.cli.guess import guess_mapping
from app.cli.output import FAILED, WRONG_USE, emit, fail, note, progress, show

if TYPE_CHECKING:
    from app.book.report import ImportReport
    from app.settings import Settings
    from app.store.engines import Database

REJECTS_SHOWN = 10


def register(app: typer.Typer) -> None:
    app.command("import")(import_book)


def import_book(
    files: list[Path] | None = typer.Argument(
        None,
        help="The feed: CSV, XLSX or JSON lines, in one file or several.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
    mapping: Path | None = typer.Option(
        None,
        "--map",
        help="Which column is what; see docs/importing.md.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
    guess: bool = typer.Option(
        False, "--guess", help="Propose a mapping for one file, and show what it would make of it."
    ),
    watch: Path | None = typer.Option(
        None,
        "--watch",
        help="Take in the files that appear in this folder, until Ctrl+C.",
        exists=True,
        file_okay=False,
        writable=True,
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Write nothing; say what would result."),
    as_of: datetime | None = typer.Option(
        None, "--as-of", help="Up to when the feed is true (UTC), whatever the mapping says."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Reads customers, addresses, invoices and payments. Doing it again changes nothing."""
    if guess and files:
        guess_mapping(files)
        return
    if mapping is None:
        raise fail("Which column is what? Give --map, or --guess to propose one.", code=WRONG_USE)
    if bool(files) == (watch is not None):
        raise fail("Which files? Name them, or --watch a folder, not both.", code=WRONG_USE)
    if watch is not None and not dry_run:
        _watch(watch, mapping)
        return
    found = files or _waiting(watch)
    _import(found, mapping, dry_run=dry_run, as_of=as_of, as_json=as_json)


def _watch(folder: Path, mapping: Path) -> None:
    from app.book.mapping.source import load_mapping
    from app.cli.databases import ready
    from app.cli.watch import watch
    from app.settings import read_settings
    from app.store.documents import Documents

    settings = read_settings()
    with ready(settings.database_url) as database:
        watch(
            database,
            folder,
            load_mapping(mapping),
            kept=Documents(settings.documents),
            secret=settings.secret,
            then=lambda: _outfit(settings, database),
        )


def _waiting(folder: Path | None) -> list[Path]:
    """What a watcher would take in. A dry run only looks."""
    from app.book.watching import WatchedFolder

    found = WatchedFolder(folder).arrived() if folder else []
    if not found:
        raise fail(f"No feed waits in {folder}.", code=FAILED)
    return found


def _import(
    files: Sequence[Path], mapping: Path, *, dry_run: bool, as_of: datetime | None, as_json: bool
) -> None:
    from app.book.importing import Options, import_files
    from app.book.mapping.source import load_mapping
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.store.documents import Documents

    settings = read_settings()
    with ready(settings.database_url) as database:
        with progress(f"Reading {', '.join(file.name for file in files)}") as tell:
            options = Options(
                now=database.now(),
                dry_run=dry_run,
                as_of=as_of.replace(tzinfo=UTC) if as_of else None,
                progress=lambda rows: tell(rows, None),
                documents=Documents(settings.documents),
                secret=settings.secret,
            )
            reports = import_files(database, files, load_mapping(mapping), options)
        if not dry_run:
            _outfit(settings, database)
    if as_json:
        emit(_as_json(reports))
    else:
        for report in reports:
            _show(report)
    if all(report.rejected and not report.accepted for report in reports):
        raise fail("Not one row could be taken in.", code=FAILED)


def _as_json(reports: Sequence[ImportReport]) -> dict[str, Any]:
    """One report as it is; several in a list, which is what was asked for then."""
    if len(reports) == 1:
        return reports[0].as_json()
    return {"reports": [report.as_json() for report in reports]}


def _outfit(settings: Settings, database: Database) -> None:
    """A new creditor of the sandbox gets the shipped campaigns, so that the loops run on it."""
    from app.engine.outfit import outfit

    if not settings.outfits:
        return
    with database.write() as session:
        for name in outfit(session):
            note(f"{name}: the shipped campaigns are on, and senders of the sandbox.")


def _show(report: ImportReport) -> None:
    from rich.table import Table

    table = Table("", "", show_header=False, box=None)
    for name, told in _figures(report):
        table.add_row(name, told)
    show(f"{report.file}{' (nothing was written)' if report.dry_run else ''}")
    show(table)
    if report.rejected:
        where = f"; all in {report.rejects_file}" if report.rejects_file else ""
        note(f"{report.rejected} rows were rejected{where}")
    for reject in report.rejects[:REJECTS_SHOWN]:
        note(f"  line {reject.line}: {reject.text}")
    if report.noted:
        note(f"{report.noted} rows went in with a note")
    for odd in report.notes[:REJECTS_SHOWN]:
        note(f"  line {odd.line}: {odd.text}")


def _figures(report: ImportReport) -> list[tuple[str, str]]:
    """What changed, by name; what did not is left out, but for the rows."""
    from campaigns.money import Money

    rows = {"rows": report.rows, "accepted": report.accepted, "rejected": report.rejected}
    changes = {
        "new customers": report.customers_added,
        "changed customers": report.customers_changed,
        "new contacts": report.contacts_added,
        "changed contacts": report.contacts_changed,
        "new addresses": report.addresses_added,
        "retired addresses": report.addresses_retired,
        "consents": report.consents_recorded,
        "new invoices": report.invoices_added,
        "changed invoices": report.invoices_changed,
        "new payments": report.payments_posted,
        "credit notes": report.credit_notes_posted,
        "reversals": report.reversals_posted,
        "disputes opened": report.disputes_opened,
        "disputes resolved": report.disputes_resolved,
    }
    money = [
        (name, f"{Money(minor, currency).decimal} {currency}")
        for name, sums in (
            ("invoiced", report.invoiced),
            ("paid", report.paid),
            ("credited", report.credited),
            ("went back", report.went_back),
        )
        for currency, minor in sorted(sums.items())
    ]
    counted = [(name, str(count)) for name, count in changes.items() if count]
    until = f"{report.as_of:%Y-%m-%d %H:%M} UTC, by the {report.as_of_from}" if report.as_of else ""
    counts = [(name, str(count)) for name, count in rows.items()]
    return [*counts, *counted, *money, ("true up to", until), ("written as", report.written)]
