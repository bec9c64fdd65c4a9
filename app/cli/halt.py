"""`duly stop` and `duly go`: the stop button, for everything, a creditor or a channel."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show
from campaigns.vocabulary import Medium

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlmodel import Session

    from app.delivery.halts import Scope

CREDITOR = typer.Option(None, "--creditor", help="One creditor, by its external id.")
CHANNEL = typer.Option(None, "--channel", help="One medium: sms, email or whatsapp.")
ALL = typer.Option(False, "--all", help="Everything.")
BY = typer.Option(None, "--by", help="Who says so; whoever is logged in, unless told.")
JSON = typer.Option(False, "--json", help="Print the result as JSON.")


def register(app: typer.Typer) -> None:
    app.command()(stop)
    app.command()(go)


def stop(
    creditor: str | None = CREDITOR,
    channel: Medium | None = CHANNEL,
    everything: bool = ALL,
    by: str | None = BY,
    why: str = typer.Option("", "--note", help="Why, for whoever finds it stopped."),
    as_json: bool = JSON,
) -> None:
    """Stops sending within two seconds, on all workers. What waits is kept, and nothing is lost.
    Without options it tells what is stopped."""
    from app.cli.databases import ready
    from app.delivery.halts import halts_in_force, place_halt
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        if creditor or channel or everything:
            scope = _scope(session, creditor, channel, everything=everything)
            is_new = place_halt(session, scope, by=_who(by), note=why, now=database.now())
            note("Stopped." if is_new else "It was stopped already.")
        halts = halts_in_force(session)
    _tell(halts, as_json=as_json)


def go(
    creditor: str | None = CREDITOR,
    channel: Medium | None = CHANNEL,
    everything: bool = ALL,
    by: str | None = BY,
    as_json: bool = JSON,
) -> None:
    """Lifts the stop of the same scope; `--all` lifts every one. What waited is asked about again,
    and leaves at its sender's rate."""
    from app.cli.databases import ready
    from app.delivery.halts import halts_in_force, lift_all, lift_halt
    from app.settings import read_settings

    if not (creditor or channel or everything):
        raise fail("Say what may go on: --creditor, --channel or --all.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        scope = _scope(session, creditor, channel, everything=everything)
        now = database.now()
        lifted = (
            lift_all(session, by=_who(by), now=now) > 0
            if everything
            else lift_halt(session, scope, by=_who(by), now=now)
        )
        halts = halts_in_force(session)
    note("It goes on." if lifted else "Nothing of just that scope was stopped.")
    _tell(halts, as_json=as_json)


def _scope(
    session: Session, creditor: str | None, channel: Medium | None, *, everything: bool
) -> Scope:
    from app.book.errors import FeedError
    from app.book.owners import find_owner
    from app.delivery.halts import Scope

    if everything and (creditor or channel):
        raise fail("--all goes with neither --creditor nor --channel.", code=WRONG_USE)
    if creditor is None:
        return Scope(None, channel)
    try:
        return Scope(find_owner(session, creditor).id, channel)
    except FeedError as problem:
        raise fail(problem, code=WRONG_USE) from None


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _tell(halts: Sequence[Row[Any]], *, as_json: bool) -> None:
    from app.delivery.halts import words_of

    if as_json:
        emit({"stopped": [_plain(halt) for halt in halts]})
        return
    for halt in halts:
        why = f": {halt.note}" if halt.note else ""
        show(
            f"stopped: {words_of(halt)}, since {halt.placed_at:%Y-%m-%d %H:%M} UTC"
            f" by {halt.placed_by}{why}"
        )
    if not halts:
        show("nothing is stopped")


def _plain(halt: Row[Any]) -> dict[str, Any]:
    return {
        "creditor": halt.creditor,
        "medium": halt.medium,
        "since": halt.placed_at.isoformat(),
        "by": halt.placed_by,
        "note": halt.note,
    }
