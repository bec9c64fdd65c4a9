"""`duly einvoice`: electronic invoices in, one or a folder of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.output import FAILED, emit, fail, note, show

if TYPE_CHECKING:
    from app.book.report import ImportReport

REJECTS_SHOWN = 10


def register(app: typer.Typer) -> None:
    app.command("einvoice")(import_einvoice)


def import_einvoice(
    path: Path = typer.Argument(
        help="A UBL 2.1 or CII invoice as XML or inside a PDF (Factur-X), or a folder of them.",
        exists=True,
        readable=True,
    ),
    creditor: str = typer.Option(..., "--creditor", help="Who is owed: its external id."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Write nothing; say what would result."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Reads electronic invoices and credit notes. Doing it again changes nothing."""
    from app.book.einvoices.importing import import_einvoices
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.store.documents import Documents

    settings = read_settings()
    with ready(settings.database_url) as database:
        report = import_einvoices(
            database,
            path,
            creditor,
            documents=Documents(settings.documents),
            now=database.now(),
            dry_run=dry_run,
            secret=settings.secret,
        )
    if as_json:
        emit(report.as_json())
    else:
        _show(report)
    if report.rejected and not report.accepted:
        raise fail("Not one document could be taken in.", code=FAILED)


def _show(report: ImportReport) -> None:
    from rich.table import Table

    from campaigns.money import Money

    table = Table("", "", show_header=False, box=None)
    counts = {
        "documents": report.rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "new customers": report.customers_added,
        "new invoices": report.invoices_added,
        "changed invoices": report.invoices_changed,
        "new credit notes": report.credit_notes_posted,
    }
    for name, count in counts.items():
        table.add_row(name, str(count))
    for name, sums in (("invoiced", report.invoiced), ("credited", report.credited)):
        for currency, minor in sorted(sums.items()):
            table.add_row(name, f"{Money(minor, currency).decimal} {currency}")
    show(f"{report.file}{' (nothing was written)' if report.dry_run else ''}")
    show(table)
    for reject in report.rejects[:REJECTS_SHOWN]:
        note(f"  {reject.text}")
