"""`duly doctor`: looks at everything that a running Duly needs, and says what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from app.cli import doctor_house as house
from app.cli import doctor_providers as providers
from app.cli.findings import Amiss, Finding
from app.cli.output import emit, fail, show

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.engines import Database


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
    """Stops at the first of the foundations that is missing: nothing can be said of the rest."""
    from app.cli.databases import opened
    from app.settings import SettingsError, read_settings
    from app.store.engines import DatabaseUrlError

    try:
        settings = read_settings()
        with opened(settings.database_url) as database:
            words = f"{settings.environment}; customers reach {settings.base_url}"
            yield Finding("settings", True, words)
            for name, look in _LOOKS:
                finding = _looked_at(name, look, settings, database)
                yield finding
                if name in _FOUNDATIONS and not finding.well:
                    return
    except (SettingsError, DatabaseUrlError) as problem:
        yield Finding("settings", False, str(problem))


_Look = Callable[["Settings", "Database"], str]


def _looked_at(name: str, look: _Look, settings: Settings, database: Database) -> Finding:
    from sqlalchemy.exc import DBAPIError

    from app.cli.faults import explain

    try:
        return Finding(name, True, look(settings, database))
    except Amiss as amiss:
        return Finding(name, False, str(amiss))
    except DBAPIError as problem:
        return Finding(name, False, explain(problem)[0])


_FOUNDATIONS = ("database", "migrations")
_LOOKS: tuple[tuple[str, _Look], ...] = (
    ("database", house.database),
    ("migrations", house.version),
    ("clock", house.clock),
    ("published", house.published),
    ("campaigns", house.campaigns),
    ("senders", providers.senders),
    ("gateways", providers.gateways),
    ("twilio", providers.twilio),
    ("mail", providers.mail),
    ("mail domains", providers.domains),
    ("mail back", providers.inbound_mail),
    ("sending", house.sending),
    ("signed", house.signed),
    ("on call", house.on_call),
    ("crisis lines", house.crisis_lines),
    ("page checks", house.page_checks),
    ("books", house.books),
    ("withheld", house.withheld),
    ("users", house.users),
    ("numbers", house.numbers),
    ("statements as PDF", house.paper),
)
