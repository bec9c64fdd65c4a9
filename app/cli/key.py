"""`duly key create|list|rotate|revoke`: who may use the API."""

from __future__ import annotations

import getpass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from sqlalchemy import Row

key = typer.Typer(help="Keys of the API.", no_args_is_help=True)
_BY = typer.Option(None, "--by", help="Who says so; whoever is logged in, unless told.")
_NUMBER = typer.Argument(..., metavar="ID", help="Its number, as `duly key list` tells it.")


def register(app: typer.Typer) -> None:
    app.add_typer(key, name="key")


@key.command()
def create(
    name: str = typer.Argument(..., help="What it is for, such as `erp`."),
    scopes: list[str] = typer.Option(
        ..., "--scope", help="What it may do: `all`, `read`, or one such as book:write. Repeat it."
    ),
    creditor: str | None = typer.Option(
        None, "--creditor", help="For this creditor alone, by its external id."
    ),
    days: int | None = typer.Option(None, "--days", min=1, help="It ends after so many days."),
    by: str | None = _BY,
) -> None:
    """Makes a key and shows it, once."""
    from app.api.keys import KeyRefused, make_key
    from app.api.scopes import UnknownScope, read_scopes
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        now = database.now()
        try:
            made = make_key(
                session,
                name=name,
                scopes=read_scopes(scopes),
                creditor=creditor,
                by=by or getpass.getuser(),
                expires_at=None if days is None else now + timedelta(days=days),
                now=now,
            )
        except (KeyRefused, UnknownScope) as problem:
            raise fail(problem, code=WRONG_USE) from None
    _show_once(made.id, made.secret)


@key.command()
def rotate(
    number: int = _NUMBER,
    overlap: int = typer.Option(24, "--hours", min=0, help="The old one goes on so long."),
    by: str | None = _BY,
) -> None:
    """Makes a key that may do the same, shows it once, and ends the old one."""
    from app.api.keys import KeyRefused, rotate_key
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        hours = timedelta(hours=overlap)
        try:
            made = rotate_key(
                session, number, overlap=hours, by=by or getpass.getuser(), now=database.now()
            )
        except KeyRefused as problem:
            raise fail(problem, code=WRONG_USE) from None
    _show_once(made.id, made.secret)
    note(f"Key {number} ends in {overlap} hours." if overlap else f"Key {number} has ended.")


@key.command()
def revoke(number: int = _NUMBER) -> None:
    """Ends a key at once."""
    from app.api.keys import revoke_key
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        if not revoke_key(session, number, database.now()):
            raise fail(f"There is no key {number} that is still good.", code=WRONG_USE)
    note("It is good for nothing any more.")


@key.command("list")
def list_keys(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """The keys: what for, what they may do, when they end and were used."""
    from app.api.keys import all_keys
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        rows, now = all_keys(session), database.now()
    if as_json:
        told = ("id", "name", "hint", "creditor", "scopes", "created_at", "created_by",
                "expires_at", "revoked_at", "used_at", "replaces_id")  # fmt: skip
        emit({"keys": [{name: getattr(row, name) for name in told} for row in rows]})
        return
    for row in rows:
        whose = row.creditor or "all creditors"
        used = f"used {row.used_at:%Y-%m-%d}" if row.used_at else "never used"
        may = " ".join(row.scopes)
        show(f"{row.id}: {row.name} ({row.hint}…), {whose}, {_state(row, now)}, {used}: {may}")
    if not rows:
        note("There is none. `duly key create` makes one.")


def _state(row: Row[Any], now: datetime) -> str:
    ends_at = row.revoked_at or row.expires_at
    if ends_at is None:
        return "good"
    told = f"{ends_at:%Y-%m-%d %H:%M} UTC"
    return f"ended {told}" if ends_at <= now else f"good until {told}"


def _show_once(number: int, secret: str) -> None:
    note(f"Key {number}. It is shown this once: keep it where only its program can read it.")
    show(secret)
