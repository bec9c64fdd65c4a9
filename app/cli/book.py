"""`duly import`, `duly walk`: a book in, and what would come of it."""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import typer

from app.book.errors import BookError
from app.book.importing import ImportReport, import_file
from app.cli.output import FAILED, WRONG_USE, aside, emit, fail, progress, result
from app.cli.parts import build
from app.engine.outfit import outfit
from app.loops.rehearsal import RehearsedDay, rehearse
from app.settings import Settings, read_settings
from app.store.engines import Database

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
                database, file, mapping, dry_run=dry_run, now=database.now(), progress=tell
            )
    except (BookError, OSError) as problem:
        raise fail(problem, code=WRONG_USE) from None
    if not dry_run:
        _outfit(settings, database)
    if as_json:
        emit(report.as_json())
    else:
        _show(report)
