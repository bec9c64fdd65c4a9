"""`duly oncall` and `duly alarm`: who is called at any hour, and who has taken what calls."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from sqlmodel import Session

oncall = typer.Typer(
    help="Who is called, day and night, when somebody may be in danger.", no_args_is_help=True
)
alarm = typer.Typer(help="What calls for a person now.", no_args_is_help=True)

BY = typer.Option(None, "--by", help="Who says so; whoever is logged in, unless told.")
CREDITOR = typer.Argument(..., metavar="CREDITOR", help="By its external id.")
JSON = typer.Option(False, "--json", help="Print the result as JSON.")


def register(app: typer.Typer) -> None:
    app.add_typer(oncall, name="oncall")
    app.add_typer(alarm, name="alarm")


@oncall.command()
def add(
    name: str = typer.Argument(..., help="Who it is."),
    address: str = typer.Argument(
        ..., help="Their number, which gets an SMS (+37061234567), or their mailbox."
    ),
    creditor: str | None = typer.Option(
        None, "--creditor", help="Whose list; else the house's, for all that have none."
    ),
    by: str | None = BY,
) -> None:
    """Puts somebody at the end of a list: they are called in its order, until one takes it."""
    from app.book import on_call
    from app.book.errors import AddressError

    with _session() as (session, now):
        owner = _owner(session, creditor) if creditor else None
        try:
            number = on_call.put_on_call(session, owner, address, name=name, by=_who(by), now=now)
        except AddressError as problem:
            raise fail(problem, code=WRONG_USE) from None
    note(f"On call, as number {number}.")


@oncall.command()
def remove(
    number: int = typer.Argument(..., help="As `duly oncall list` tells it."), by: str | None = BY
) -> None:
    """Takes somebody off their list; that they were on it stays on record."""
    from app.book import on_call

    with _session() as (session, now):
        if not on_call.take_off_call(session, number, by=_who(by), now=now):
            raise fail(f"Nobody on call has the number {number}.", code=WRONG_USE)
    note("Removed.")


@oncall.command("list")
def list_on_call(as_json: bool = JSON) -> None:
    """Who is on call, in the order in which they are called."""
    from app.book import on_call
    from app.store.given import rows_by_id
    from app.store.rows import Creditor

    with _session() as (session, _):
        rows = on_call.on_call_list(session)
        names = rows_by_id(session, Creditor, {row.creditor_id for row in rows if row.creditor_id})
    told = [
        {
            "number": row.id,
            "creditor": names[row.creditor_id].external_id if row.creditor_id else None,
            "name": row.name,
            "medium": row.medium,
            "address": row.address,
        }
        for row in rows
    ]
    if as_json:
        emit({"on_call": told})
        return
    for one in told:
        whose = one["creditor"] or "the house"
        show(f"{one['number']}  {whose}  {one['name']}  {one['medium']} {one['address']}")
    if not told:
        note("Nobody is on call; `duly oncall add` puts somebody on the list.")


@oncall.command()
def waive(
    creditor: str = CREDITOR,
    by: str = typer.Option(..., "--by", metavar="NAME", help="Who answers for it."),
    why: str = typer.Option(..., "--note", help="Who looks at what is urgent instead."),
) -> None:
    """Puts on record who answers for a creditor that writes to people with nobody on call. Without
    that, and without anybody on call, real providers carry to allowed addresses alone."""
    from app.book import on_call

    with _session() as (session, now):
        try:
            on_call.waive(session, _owner(session, creditor), by=by, note=why, now=now)
        except ValueError as problem:
            raise fail(problem, code=WRONG_USE) from None
    note("On record.")


@oncall.command()
def require(creditor: str = CREDITOR, by: str | None = BY) -> None:
    """Takes such a waiver back; it stays on record."""
    from app.book import on_call

    with _session() as (session, now):
        owner = _owner(session, creditor)
        if not on_call.withdraw_waiver(session, owner, by=_who(by), now=now):
            raise fail(f"Nobody had waived it for {creditor}.", code=WRONG_USE)
    note("Somebody has to be on call.")


@alarm.command("list")
def list_alarms(
    everything: bool = typer.Option(False, "--all", help="Those that were taken as well."),
    as_json: bool = JSON,
) -> None:
    """What calls for a person now: the task, since when, and who was called."""
    from app.intake.alarms import alarms, calls_of

    with _session() as (session, _):
        found = [
            {
                "task": row.task_id,
                "title": row.title,
                "customer_id": row.customer_id,
                "note": row.note_id,
                "raised_at": row.raised_at,
                "taken_at": row.taken_at,
                "taken_by": row.taken_by,
                "calls": [
                    {"at": call.called_at, "name": call.name, "outcome": call.outcome}
                    for call in calls_of(session, row.id)
                ],
            }
            for row in alarms(session, open_only=not everything)
        ]
    if as_json:
        emit({"alarms": found})
        return
    for one in found:
        state = f"taken by {one['taken_by']}" if one["taken_at"] else "calls"
        called = ", ".join(f"{call['name']} ({call['outcome']})" for call in one["calls"])
        reading = f"; read it: duly reply note {one['note']}" if one["note"] else ""
        show(
            f"task {one['task']}, since {one['raised_at']:%Y-%m-%d %H:%M} UTC: {state};"
            f" called: {called or 'nobody yet'}{reading}"
        )
    if not found:
        note("Nothing calls.")


@alarm.command()
def take(
    task: int = typer.Argument(..., metavar="TASK", help="The number that the call names."),
    by: str | None = BY,
) -> None:
    """You have it: nobody else is called, and the task is yours. Tells what to read."""
    from app.intake.alarms import NoSuchAlarm, note_of, take_alarm

    with _session() as (session, now):
        try:
            take_alarm(session, task, by=_who(by), now=now)
        except NoSuchAlarm as problem:
            raise fail(problem, code=WRONG_USE) from None
        number = note_of(session, task)
    note(f"Yours. Read it now: duly reply note {number}" if number else "Yours. Open it now.")


def _owner(session: Session, creditor: str) -> int:
    from app.book.errors import FeedError
    from app.book.owners import find_owner

    try:
        return find_owner(session, creditor).id
    except FeedError as problem:
        raise fail(problem, code=WRONG_USE) from None


def _who(by: str | None) -> str:
    return by or getpass.getuser()


@contextmanager
def _session() -> Iterator[tuple[Session, datetime]]:
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        yield session, database.now()
