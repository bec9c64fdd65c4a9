"""`duly crisis`: who listens to somebody in danger, by country, and who has confirmed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.wording.crisis import CrisisRow

crisis = typer.Typer(help="Who listens to somebody in danger, by country.", no_args_is_help=True)
CREDITOR = typer.Argument(..., metavar="CREDITOR", help="By its external id.")
COUNTRY = typer.Argument(
    ..., metavar="COUNTRY", help="By its two letters: IT; one without a row of its own has `all`."
)
BY = typer.Option(..., "--by", metavar="NAME", help="Who answers for it.")


def register(app: typer.Typer) -> None:
    app.add_typer(crisis, name="crisis")


@crisis.command("list")
def list_lines(
    creditor: str | None = typer.Argument(
        None, metavar="[CREDITOR]", help="Tells also what is confirmed for it."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Who listens to somebody in danger, by country, and what nobody has verified yet."""
    from app.wording.crisis import CrisisRow, crisis_lines

    rows = [CrisisRow(country, row) for country, row in crisis_lines().items()]
    confirmed = _confirmed(creditor, rows) if creditor else {}
    told = [_told(row, confirmed.get(row.name)) for row in rows]
    if as_json:
        emit({"lines": told})
        return
    for one in told:
        line = f"{one['name']} {one['number']} ({one['hours']})" if one["number"] else "no line"
        state = f"read on {one['read']}" if one["read"] else "NOT VERIFIED"
        by = f", confirmed by {one['confirmed_by']}" if one["confirmed_by"] else ""
        show(
            f"{one['country']}: {line}; emergency {one['emergency']}; {state}{by}: {one['source']}"
        )


@crisis.command()
def confirm(
    creditor: str = CREDITOR,
    country: str = COUNTRY,
    by: str = BY,
    why: str = typer.Option(..., "--note", help="How you know: who was called, what was read."),
) -> None:
    """Puts on record who has looked that the line of a country is right. Until somebody has, people
    of a country whose row is not verified are not really written to."""
    from app.book import signoffs
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.wording.crisis import crisis_row

    row = crisis_row(_code(country))
    if not by.strip() or not why.strip():
        raise fail("Say who looked, and how they know.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        now = database.now()
        new = signoffs.sign(session, _owner(session, creditor), [row], by=by, note=why, now=now)
    note(f"Confirmed: {row.country}." if new else "It was confirmed already.")


@crisis.command()
def withdraw(creditor: str = CREDITOR, country: str = COUNTRY, by: str = BY) -> None:
    """Takes such a word back; it stays on record."""
    from app.book import signoffs
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.wording.crisis import crisis_row

    name = crisis_row(_code(country)).name
    with ready(read_settings().database_url) as database, database.write() as session:
        owner = _owner(session, creditor)
        if not signoffs.withdraw(session, owner, name, by=by, now=database.now()):
            raise fail(f"Nobody had confirmed {country} for {creditor}.", code=WRONG_USE)
    note("Withdrawn.")


def _confirmed(creditor: str, rows: list[CrisisRow]) -> dict[str, str]:
    """Who confirmed each row as it stands, by its name."""
    from app.book.signoffs import signed, unsigned
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        owner = _owner(session, creditor)
        known = signed(session, [owner])
    left = {row.name for row in unsigned(rows, owner, known)}
    return {r.name: known[owner, r.name].signed_by for r in rows if r.name not in left}


def _told(row: CrisisRow, confirmed_by: str | None) -> dict[str, Any]:
    return {
        "country": row.country,
        "number": row.row.get("number"),
        "name": next(iter(row.row.get("name", {}).values()), None),
        "hours": row.row.get("hours"),
        "emergency": row.row["emergency"],
        "source": row.row["source"],
        "read": str(row.row["read"]) if row.is_verified else None,
        "confirmed_by": confirmed_by,
    }


def _code(country: str) -> str:
    return country if country == "all" else country.upper()


def _owner(session: Session, creditor: str) -> int:
    from app.book.errors import FeedError
    from app.book.owners import find_owner

    try:
        return find_owner(session, creditor).id
    except FeedError as problem:
        raise fail(problem, code=WRONG_USE) from None
