"""`duly db upgrade`, `duly check`: the database and what holds in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.cli.output import FAILED, emit, note, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from app.engine.checks import PromiseCheck

db = typer.Typer(help="The database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(db, name="db")
    app.command()(check)


@db.command()
def upgrade() -> None:
    """Creates the tables or brings them to the newest version, and publishes what Duly ships."""
    from app.cli.databases import opened
    from app.loops.assembly import publish_shipped
    from app.settings import read_settings
    from app.store.migrate import upgrade as migrate

    settings = read_settings()
    with opened(settings.database_url) as database:
        migrate(settings.database_url)
        published = publish_shipped(database, database.now())
    for name in published:
        note(f"published: {name}")
    note("The database is at the newest version.")


def check(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Asks the live database whether the ten promises hold, the money adds up, and no line of the
    audit trails, of persons and of what our people did, was changed or removed."""
    from app.cli.databases import ready
    from app.engine.checks import check as ask
    from app.engine.checks import check_acts, check_ledger, check_trail
    from app.settings import read_settings

    with ready(read_settings().database_url) as database:
        now = database.now()
        promises = ask(database, now)
        leant_on = {
            "ledger": check_ledger(database),
            "trail": check_trail(database, now),
            "acts": check_acts(database),
        }
    asked = (*promises, *leant_on.values())
    if as_json:
        told = {name: one.as_json() for name, one in leant_on.items()}
        emit({"promises": [one.as_json() for one in promises], **told})
    else:
        show(promise_table(asked))
        for one in asked:
            if one.sample:
                show(f"{one.number}: {', '.join(one.sample)}")
    if any(one.violations for one in asked):
        raise typer.Exit(FAILED)


def promise_table(found: Sequence[PromiseCheck]) -> Table:
    """The ten promises as people read them."""
    from rich.table import Table

    table = Table("", "promise", "violations", "examined", box=None)
    for one in found:
        told = "only tests can tell" if one.violations is None else str(one.violations)
        table.add_row(str(one.number), one.name, told, f"{one.examined} ({one.evidence})")
    return table
