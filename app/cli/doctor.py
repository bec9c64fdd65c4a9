"""`duly doctor`: looks at everything that a running Duly needs, and says what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from app.cli.output import emit, fail, show

if TYPE_CHECKING:
    from app.examine.findings import Finding


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Looks at everything that a running Duly needs and says what is missing. Changes nothing."""
    found = list(_examined())
    if as_json:
        emit({"findings": [asdict(finding) for finding in found]})
    else:
        for finding in found:
            show(f"{'ok  ' if finding.well else 'FAIL'} {finding.name}: {finding.words}")
    if not all(finding.well for finding in found):
        raise fail("Something is missing.")


def _examined() -> Iterator[Finding]:
    from contextlib import ExitStack

    from app.cli.databases import opened
    from app.cli.faults import explain
    from app.cli.gateways import gateways_of
    from app.examine.findings import Finding
    from app.examine.looks import Subject, examined
    from app.settings import SettingsError, read_settings
    from app.store.engines import DatabaseUrlError

    try:
        settings = read_settings()
        with opened(settings.database_url) as database, ExitStack() as stack:
            words = f"{settings.environment}; customers reach {settings.base_url}"
            if settings.console_url:
                words += f", the team {settings.console_url}"
            yield Finding("settings", True, words)
            gateways = gateways_of(settings, stack)
            told = Subject(settings, database, gateways, lambda problem: explain(problem)[0])
            yield from examined(told)
    except (SettingsError, DatabaseUrlError) as problem:
        yield Finding("settings", False, str(problem))
