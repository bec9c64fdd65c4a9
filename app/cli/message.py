"""`duly message export`: a mail as it was sent, for whoever has to show it."""

from __future__ import annotations

from pathlib import Path

import typer

from app.cli.output import fail, note

message = typer.Typer(help="Messages that were sent.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(message, name="message")


@message.command()
def export(
    attempt: int = typer.Argument(..., metavar="ATTEMPT", help="The attempt's number."),
    eml: Path = typer.Option(..., "--eml", metavar="FILE", help="The mail file to write."),
    live: bool = typer.Option(
        False, "--live", help="Real links: whoever has the file can open the customer's page."
    ),
) -> None:
    """Writes the mail of an attempt, byte for byte as it was handed over, its links masked."""
    from app.cli.databases import ready
    from app.delivery.dispatch import Addresses
    from app.delivery.eml import NoMail, eml_of
    from app.settings import read_settings

    settings = read_settings()
    addresses = Addresses(settings.base_url, settings.secret)
    with ready(settings.database_url) as database, database.read() as session:
        try:
            made = eml_of(session, attempt, addresses, live=live)
        except NoMail as none:
            raise fail(f"{none}.") from None
    try:
        eml.write_bytes(made)
    except OSError as problem:
        raise fail(f"{eml} cannot be written: {problem.strerror or problem}.") from None
    note(f"{eml} holds the mail{' with its real links' if live else ', its links masked'}.")


@message.callback()
def _group() -> None:
    """Keeps `export` a command of its own: with one command typer would fold it away."""
