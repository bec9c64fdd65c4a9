"""`duly allow add|remove|list`: addresses of our own, for real providers before the sign-off."""

from __future__ import annotations

import getpass

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

allow = typer.Typer(
    help="Addresses that real providers may carry to before all rules are signed.",
    no_args_is_help=True,
)
_ADDRESS = typer.Argument(
    ..., metavar="ADDRESS", help="A mailbox, or a number with its country code: +37061234567."
)


def register(app: typer.Typer) -> None:
    app.add_typer(allow, name="allow")


@allow.command()
def add(
    address: str = _ADDRESS,
    by: str | None = typer.Option(None, "--by", help="Who says so; else whoever is logged in."),
    why: str = typer.Option("", "--note", help="Whose it is."),
) -> None:
    """Puts an address on the list."""
    from app.book import allowed
    from app.book.signoffs import wake_unsigned
    from app.cli.databases import ready
    from app.settings import read_settings

    found = _canonical(address)
    with ready(read_settings().database_url) as database, database.write() as session:
        now = database.now()
        is_new = allowed.allow(session, found, by=by or getpass.getuser(), note=why, now=now)
        wake_unsigned(session, now)
    note("Allowed." if is_new else "It was allowed already.")


@allow.command()
def remove(address: str = _ADDRESS) -> None:
    """Takes an address off the list."""
    from app.book import allowed
    from app.cli.databases import ready
    from app.settings import read_settings

    found = _canonical(address)
    with ready(read_settings().database_url) as database, database.write() as session:
        if not allowed.disallow(session, found):
            raise fail("That address is not on the list.", code=WRONG_USE)
    note("Removed.")


@allow.command("list")
def list_allowed(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """The addresses, and who allowed each."""
    from app.book import allowed
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        rows = allowed.allow_list(session)
    if as_json:
        told = ("address", "added_at", "added_by", "note")
        emit({"allowed": [{name: getattr(row, name) for name in told} for row in rows]})
        return
    for row in rows:
        why = f": {row.note}" if row.note else ""
        show(f"{row.address}, {row.added_at:%Y-%m-%d} by {row.added_by}{why}")
    if not rows:
        note("There is none. `duly allow add` puts one on the list.")


def _canonical(address: str) -> str:
    from app.book.allowed import canonical
    from app.book.errors import AddressError

    try:
        return canonical(address)
    except AddressError as problem:
        raise fail(f"{address} {problem}.", code=WRONG_USE) from None
