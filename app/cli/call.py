"""`duly call list|done`: the calls that customers chose a time for."""

from __future__ import annotations

import getpass

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

call = typer.Typer(help="The calls that customers chose a time for.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(call, name="call")


@call.command("list")
def list_calls(as_json: bool = typer.Option(False, "--json", help="Print it as JSON.")) -> None:
    """The calls that are still to be made, the soonest first, with the number to call."""
    from app.cli.databases import ready
    from app.intake.calls import open_calls
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        found = [dict(row._mapping) for row in open_calls(session)]
    if as_json:
        names = ("id", "customer", "starts_at", "ends_at", "called", "asked_at")
        emit({"calls": [{name: row[name] for name in names} for row in found]})
        return
    for row in found:
        show(
            f"{row['id']}  {row['starts_at']:%Y-%m-%d %H:%M}-{row['ends_at']:%H:%M} UTC"
            f"  customer {row['customer']}  {row['called']}"
        )
    if not found:
        note("No call is open.")


@call.command()
def done(
    number: int = typer.Argument(..., metavar="CALL", help="Its number: `duly call list`."),
    by: str | None = typer.Option(None, "--by", help="Who called; whoever is logged in."),
) -> None:
    """Notes that somebody spoke with them: the task is done, and reminders may go on."""
    from app.cli.databases import ready
    from app.intake.calls import NoSuchCall, call_was_made
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            call_was_made(session, number, by=by or getpass.getuser(), now=database.now())
        except NoSuchCall as problem:
            raise fail(problem, code=WRONG_USE) from None
    note("Noted.")
