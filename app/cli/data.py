"""`duly db upgrade`, `duly check`, `duly doctor`: the database and what holds in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import typer
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from app.cli.output import FAILED, aside, emit, fail, result
from app.cli.parts import Parts, build
from app.engine.checks import PromiseCheck
from app.engine.checks import check as ask_promises
from app.loops.assembly import publish_shipped
from app.settings import read_settings
from app.store import migrate
from app.store.engines import Database

db = typer.Typer(help="The database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(db, name="db")
    app.command()(check)
    app.command()(doctor)


@db.command()
def upgrade() -> None:
    """Creates the tables or brings them to the newest version, and publishes what Duly ships."""
    settings = read_settings()
    migrate.upgrade(settings.database_url)
    database = Database(settings.database_url)
    publish_shipped(database, database.now())
    aside().print("The database is at the newest version.")


def check(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Asks the live database whether the ten promises hold. Exit code 1 where one does not."""
    database = Database(read_settings().database_url)
    found = ask_promises(database, database.now())
    if as_json:
        emit({"promises": [one.as_json() for one in found]})
    else:
        result().print(promise_table(found))
    if any(one.violations for one in found):
        raise typer.Exit(FAILED)


def promise_table(found: list[PromiseCheck]) -> Table:
    """The ten promises as people read them."""
    table = Table("", "promise", "violations", "examined", "evidence", title="The ten promises")
    for one in found:
        told = "only tests can tell" if one.violations is None else str(one.violations)
        table.add_row(str(one.number), one.name, told, str(one.examined), one.evidence)
    return table


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at."""

    name: str
    well: bool
    words: str


def doctor(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Looks at everything that a running Duly needs and says what is missing."""
    parts = build(read_settings())
    found = [_looked_at(name, look, parts) for name, look in _LOOKS]
    if as_json:
        emit({"findings": [{"name": f.name, "well": f.well, "words": f.words} for f in found]})
    else:
        for finding in found:
            mark = "ok  " if finding.well else "FAIL"
            result().print(f"{mark} {finding.name}: {finding.words}", markup=False)
    if not all(finding.well for finding in found):
        raise fail("Something is missing.")


def _looked_at(name: str, look: Callable[[Parts], tuple[bool, str]], parts: Parts) -> Finding:
    try:
        well, words = look(parts)
    except DBAPIError as problem:
        well, words = False, f"the database did not answer ({type(problem).__name__})"
    return Finding(name, well, words)


def _database(parts: Parts) -> tuple[bool, str]:
    parts.database.now()
    return True, f"{parts.database.dialect} answers"


def _version(parts: Parts) -> tuple[bool, str]:
    if migrate.is_current(parts.database):
        return True, "at the newest version"
    return False, "not at the newest version; run: duly db upgrade"


def _clock(parts: Parts) -> tuple[bool, str]:
    off = abs((parts.clock.now() - parts.database.now()).total_seconds())
    words = f"{off:.2f} s from the database's clock"
    if off <= parts.settings.clock_skew_seconds:
        return True, words
    return False, f"{words}; set this machine's clock, or the loops will not work"


def _senders(parts: Parts) -> tuple[bool, str]:
    media = ", ".join(sorted({medium for medium, _ in parts.channels}))
    return True, f"{parts.settings.provider} carries {media}"


def _environment(parts: Parts) -> tuple[bool, str]:
    return True, f"{parts.settings.environment}; customers reach {parts.settings.base_url}"


_LOOKS: tuple[tuple[str, Callable[[Parts], tuple[bool, str]]], ...] = (
    ("settings", _environment),
    ("database", _database),
    ("migrations", _version),
    ("clock", _clock),
    ("channels", _senders),
)
