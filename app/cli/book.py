"""`duly import`: a book in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.output import FAILED, emit, fail, note, progress, show

if TYPE_CHECKING:
    from app.book.report import ImportReport
    from app.settings import Settings
    from app.store.engines import Database

REJECTS_SHOWN = 10


def register(app: typer.Typer) -> None:
    app.command("import")(import_book)


def import_book(
    file: Path = typer.Argument(
        help="The feed: a delimited file.", exists=True, dir_okay=False, readable=True
    ),
    mapping: Path = typer.Option(
        ...,
        "--map",
        help="Which column is what; see docs/importing.md.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Write nothing; say what would result."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Reads customers, addresses, invoices and payments. Doing it again changes nothing."""
    from app.book.importing import import_file
    from app.cli.databases import ready
    from app.settings import read_settings

    settings = read_settings()
    with ready(settings.database_url) as database:
        with progress(f"Reading {file.name}") as tell:
            report = import_file(
                database,
                file,
                mapping,
                dry_run=dry_run,
                now=database.now(),
                progress=lambda rows: tell(rows, None),
            )
        if not dry_run:
            _outfit(settings, database)
    if as_json:
        emit(report.as_json())
    else:
        _show(report)
    if report.rejected and not report.accepted:
        raise fail("Not one row could be taken in.", code=FAILED)


def _outfit(settings: Settings, database: Database) -> None:
    """Outside production a new creditor gets the shipped campaigns, so that the loops run on it."""
    from app.engine.outfit import outfit

    if settings.environment == "production":
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


def _figures(report: ImportReport) -> list[tuple[str, str]]:
    """What changed, by name; what did not is left out, but for the rows."""
    from campaigns.money import Money

    rows = {"rows": report.rows, "accepted": report.accepted, "rejected": report.rejected}
    changes = {
        "new customers": report.customers_added,
        "changed customers": report.customers_changed,
        "new addresses": report.addresses_added,
        "retired addresses": report.addresses_retired,
        "consents": report.consents_recorded,
        "new invoices": report.invoices_added,
        "changed invoices": report.invoices_changed,
        "new payments": report.payments_posted,
        "disputes opened": report.disputes_opened,
        "disputes resolved": report.disputes_resolved,
        "notes": report.noted,
    }
    money = [
        (name, f"{Money(minor, currency).decimal} {currency}")
        for name, sums in (("invoiced", report.invoiced), ("paid", report.paid))
        for currency, minor in sorted(sums.items())
    ]
    counted = [(name, str(count)) for name, count in changes.items() if count]
    return [*((name, str(count)) for name, count in rows.items()), *counted, *money]
