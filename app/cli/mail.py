"""`duly mail take`: a mail that a relay hands over, on standard input."""

from __future__ import annotations

import sys
from typing import Final

import typer

from app.cli.output import fail, note

LARGEST: Final = 40 * 1024 * 1024
TRY_AGAIN: Final = 75
"""EX_TEMPFAIL of sysexits.h: the relay keeps the mail and tries again."""
REFUSED: Final = 69
"""EX_UNAVAILABLE: the relay tells the writer that it was not taken."""

mail = typer.Typer(help="Mail that comes in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(mail, name="mail")


@mail.command()
def take(
    to: str = typer.Option("", "--to", help="Whom the relay took it for (its envelope)."),
) -> None:
    """Takes one mail from standard input: a reply, a bounce or an automatic answer."""
    raw = sys.stdin.buffer.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise fail(f"The mail has more than {LARGEST} bytes.", code=REFUSED)
    try:
        _take(raw, to)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the relay still has the mail
        from app.cli.faults import explain

        raise fail(explain(problem)[0], code=TRY_AGAIN) from None


def _take(raw: bytes, to: str) -> None:
    from app.cli.databases import ready
    from app.clock import SystemClock
    from app.intake.inbox import receive
    from app.intake.mail_sources import ENVELOPE, PipedMail
    from app.settings import read_settings

    settings = read_settings()
    headers = {ENVELOPE: to} if to else {}
    with ready(settings.database_url) as database:
        now = SystemClock().now()
        taken = receive(database, PipedMail(settings.secret), raw, headers, now=now)
    note("Taken." if taken.is_new else "It was taken before.")


@mail.callback()
def _group() -> None:
    """Keeps `take` a command of its own: with one command typer would fold it away."""
