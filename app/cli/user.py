"""`duly user add|list|link|roles|disable|enable`: who may come into the console."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row
    from sqlmodel import Session

user = typer.Typer(help="Users of the console.", no_args_is_help=True)
_BY = typer.Option(None, "--by", help="Who says so; whoever is logged in, unless told.")
_SIGN_IN = typer.Argument(..., metavar="EMAIL", help="The e-mail that they sign in with.")


def register(app: typer.Typer) -> None:
    app.add_typer(user, name="user")


@user.command()
def add(
    sign_in: str = _SIGN_IN,
    name: str = typer.Option(..., "--name", help="What colleagues read, such as `Ada Lev`."),
    roles: list[str] = typer.Option(
        ..., "--role", help="viewer, agent, designer, approver or admin. Repeat it."
    ),
    language: str = typer.Option("en", "--language", help="en, he, ar or lt."),
    zone: str = typer.Option("UTC", "--zone", help="Their time zone, such as Asia/Jerusalem."),
    by: str | None = _BY,
) -> None:
    """Makes a user of the console and prints a link, once, by which they set their password."""
    from app.staff.acts import note_act
    from app.staff.links import Purpose, address_of, make_link
    from app.staff.roles import read_roles
    from app.staff.users import make_user, roles_of, user_of

    who = by or getpass.getuser()
    with _writing() as (session, origin, now):
        user_id = make_user(
            session,
            sign_in=sign_in,
            name=name,
            roles=read_roles(roles),
            by=who,
            now=now,
            language=language,
            zone=zone,
        )
        token = make_link(session, user_id, Purpose.INVITED, by=who, now=now)
        made = user_of(session, user_id)
        detail = {"roles": sorted(roles_of(made))}
        note_act(session, who, "user_invited", about=("user", user_id), detail=detail, now=now)
    _show_once(address_of(origin, token))


@user.command("list")
def list_users(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """The users: what they may do, whether they can come in, and when they last did."""
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.staff.users import all_users

    with ready(read_settings().database_url) as database, database.read() as session:
        rows = all_users(session)
    if as_json:
        told = ("id", "sign_in", "name", "roles", "language", "zone", "created_at", "created_by",
                "signed_in_at", "disabled_at")  # fmt: skip
        emit({"users": [{name: getattr(row, name) for name in told} for row in rows]})
        return
    for row in rows:
        show(f"{row.sign_in}: {row.name}, {' '.join(row.roles)}, {_state(row)}")
    if not rows:
        note("There is none. `duly user add` makes one.")


@user.command()
def link(
    sign_in: str = _SIGN_IN,
    drop: bool = typer.Option(
        False, "--drop-second-factor", help="Ask for no codes of an app that is lost any more."
    ),
    by: str | None = _BY,
) -> None:
    """Prints a link, once, by which a user sets a new password."""
    from app.staff.acts import note_act
    from app.staff.links import Purpose, address_of, make_link
    from app.staff.second_factor import turn_off

    who = by or getpass.getuser()
    with _writing() as (session, origin, now):
        row = _called(session, sign_in)
        purpose = Purpose.FORGOTTEN if row.password else Purpose.INVITED
        token = make_link(session, row.id, purpose, by=who, now=now)
        if drop:
            turn_off(session, row.id)
        detail = {"purpose": purpose, "second_factor_dropped": drop}
        note_act(session, who, "link_made", about=("user", row.id), detail=detail, now=now)
    _show_once(address_of(origin, token))


@user.command()
def roles(
    sign_in: str = _SIGN_IN,
    words: list[str] = typer.Argument(..., metavar="ROLE…", help="All that they shall have."),
    by: str | None = _BY,
) -> None:
    """Gives a user these roles in place of those that they have."""
    from app.staff.acts import note_act
    from app.staff.roles import read_roles
    from app.staff.users import set_roles

    with _writing() as (session, _, now):
        row, asked = _called(session, sign_in), read_roles(words)
        set_roles(session, row.id, asked)
        note_act(
            session,
            by or getpass.getuser(),
            "roles_changed",
            about=("user", row.id),
            detail={"before": row.roles, "roles": sorted(asked)},
            now=now,
        )
    note(f"{row.sign_in}: {' '.join(sorted(asked))}")


@user.command()
def disable(sign_in: str = _SIGN_IN, by: str | None = _BY) -> None:
    """Keeps a user out and ends their sessions; what they did stays on record."""
    from app.staff.acts import note_act
    from app.staff.users import disable_user

    who = by or getpass.getuser()
    with _writing() as (session, _, now):
        row = _called(session, sign_in)
        if disable_user(session, row.id, by=who, now=now):
            note_act(session, who, "user_disabled", about=("user", row.id), now=now)
    note(f"{row.sign_in} cannot come in any more.")


@user.command()
def enable(sign_in: str = _SIGN_IN, by: str | None = _BY) -> None:
    """Lets a user in again."""
    from app.staff.acts import note_act
    from app.staff.users import enable_user

    who = by or getpass.getuser()
    with _writing() as (session, _, now):
        row = _called(session, sign_in)
        if enable_user(session, row.id):
            note_act(session, who, "user_enabled", about=("user", row.id), now=now)
    note(f"{row.sign_in} can come in, by the password that they had.")


@contextmanager
def _writing() -> Iterator[tuple[Session, str, datetime]]:
    """One transaction, where links lead, and now. What is refused is wrong use."""
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.staff.roles import UnknownRole
    from app.staff.users import UserRefused

    settings = read_settings()
    with ready(settings.database_url) as database:
        try:
            with database.write() as session:
                yield session, settings.console_origin, database.now()
        except (UserRefused, UnknownRole) as problem:
            raise fail(problem, code=WRONG_USE) from None


def _called(session: Session, sign_in: str) -> Row[Any]:
    from app.staff.users import user_called

    row = user_called(session, sign_in)
    if row is None:
        words = f"There is no user {sign_in}. `duly user list` tells who there is."
        raise fail(words, code=WRONG_USE)
    return row


def _state(row: Row[Any]) -> str:
    if row.disabled_at is not None:
        return f"disabled {row.disabled_at:%Y-%m-%d}"
    if row.password is None:
        return "invited, no password yet"
    return f"last in {row.signed_in_at:%Y-%m-%d}" if row.signed_in_at else "never in"


def _show_once(address: str) -> None:
    note("It is shown this once, and good once. Whoever opens it sets the password.")
    show(address)
