"""`duly rates`: the reference rates that interest is reckoned by, and how one is added."""

from __future__ import annotations

import getpass
from datetime import datetime

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

rates = typer.Typer(help="Reference rates, one for each half-year.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(rates, name="rates")


@rates.command("list")
def list_rates(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Every rate that is known, with its source. A half-year that is not here is missing."""
    from app.book.charges.rates import known_rates
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        found = known_rates(session)
    if as_json:
        told = [
            {
                "reference": str(rate.reference),
                "from": rate.starts_on,
                "percent": str(rate.percent),
                "status": str(rate.status),
                "source": rate.source,
            }
            for rate in found
        ]
        emit({"rates": told})
        return
    from rich.table import Table

    table = Table("reference", "from", "percent", "status", "source", box=None)
    for rate in found:
        caution = f"{rate.status} caution" if rate.is_caution else str(rate.status)
        row = (str(rate.reference), str(rate.starts_on), str(rate.percent), caution, rate.source)
        table.add_row(*row)
    show(table)


@rates.command("add")
def add(
    reference: str = typer.Option(..., "--reference", help="boe_base, ecb_mro, bundesbank_base."),
    starts_on: datetime = typer.Option(
        ..., "--from", formats=["%Y-%m-%d"], help="1 January or 1 July: the half-year's first day."
    ),
    percent: str = typer.Option(..., "--percent", help="Such as 2.15."),
    source: str = typer.Option(..., "--source", help="Where it was read: the bank's own page."),
    by: str | None = typer.Option(None, "--by", help="Who adds it; the user of the system else."),
) -> None:
    """Adds a rate for good, with who did it and when."""
    from app.book.charges.rates import add_rate
    from app.cli.databases import ready
    from app.settings import read_settings
    from campaigns.duties import Reference

    known = {str(each): each for each in Reference}
    if reference not in known:
        raise fail(f"There is no reference {reference}; known: {', '.join(known)}.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        add_rate(
            session,
            reference=known[reference],
            starts_on=starts_on.date(),
            percent=percent,
            source=source,
            added_by=by or getpass.getuser(),
            now=database.now(),
        )
    note(f"{reference} from {starts_on.date()} is {percent} %.")
