"""`duly hold place|end|list|release`: holds that a law knows, and those that are on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, fail, note, show
from campaigns.vocabulary import HoldKind

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlmodel import Session

    from app.intake.legal_holds import Placed

hold = typer.Typer(help="Holds that a law knows, and those that are on.", no_args_is_help=True)

CUSTOMER = typer.Argument(..., metavar="CUSTOMER", help="The customer, by the ERP's own number.")
CREDITOR = typer.Option(
    None, "--creditor", help="Whose customer, where two creditors have the same number."
)
KIND = typer.Option(
    ...,
    "--kind",
    help="breathing_space, mental_health_crisis, debt_advice, attorney, cease or objection.",
)


def register(app: typer.Typer) -> None:
    app.add_typer(hold, name="hold")


@hold.command()
def place(
    customer: str = CUSTOMER,
    kind: HoldKind = KIND,
    start: datetime = typer.Option(
        ..., "--from", formats=["%Y-%m-%d"], help="The day on which it begins."
    ),
    creditor: str | None = CREDITOR,
) -> None:
    """Nobody writes to the customer for as long as the law says. Extends a hold that is on, once,
    where the law allows that."""
    from app.intake.legal_holds import place_legal_hold

    _told(_done(place_legal_hold, customer, creditor, kind, start))


@hold.command()
def end(
    customer: str = CUSTOMER,
    kind: HoldKind = KIND,
    over: datetime = typer.Option(
        ..., "--on", formats=["%Y-%m-%d"], help="The day on which its cause was over."
    ),
    creditor: str | None = CREDITOR,
) -> None:
    """The cause of a hold without an end is over: it ends when the law says."""
    from app.intake.legal_holds import end_legal_hold

    _told(_done(end_legal_hold, customer, creditor, kind, over))


@hold.command("list")
def list_holds(customer: str = CUSTOMER, creditor: str | None = CREDITOR) -> None:
    """The holds on a customer's person, with their numbers."""
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.intake.holds import standing_holds
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        try:
            customer_id = customer_by_number(session, customer, creditor)
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
        found = standing_holds(session, customer_id)
        reasons = {row.id: _why(session, row) for row in found}
    for row in found:
        ends = f"until {row.until:%Y-%m-%d %H:%M}" if row.until else "until somebody ends it"
        since = f"since {row.placed_at:%Y-%m-%d %H:%M}"
        show(f"{row.id}  {row.kind}  {since}  {ends}{reasons[row.id]}")
    if not found:
        note("Nothing holds.")


@hold.command("release")
def release_by_person(
    hold_id: int = typer.Argument(..., metavar="HOLD", help="The number: `duly hold list`."),
) -> None:
    """Ends a hold before its time; what it stopped is decided again at once."""
    from app.cli.databases import ready
    from app.intake.holds import hold_of, release_hold
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        row = hold_of(session, hold_id)
        why = _why(session, row) if row is not None else ""
        was_on = release_hold(session, hold_id, database.now())
    if row is None or not was_on:
        raise fail(f"No hold {hold_id} is on; `duly hold list` has their numbers.", code=WRONG_USE)
    note(f"Released: {row.kind}{why}.")


def _why(session: Session, row: Row[Any]) -> str:
    """What a hold on a reply was placed for, and what is still to be read. Others say nothing: the
    reason of some is told in confidence."""
    from app.intake.holds import said_before

    if row.kind != HoldKind.REPLY:
        return ""
    reply_id = said_before(session, row)
    unread = f"  not classed yet: duly reply show {reply_id}" if reply_id else ""
    return f"  {row.why or ''}{unread}"


def _done(
    act: Callable[..., Placed], number: str, creditor: str | None, kind: HoldKind, day: datetime
) -> Placed:
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.engine.catalogue import Catalogue
    from app.intake.legal_holds import HoldRefused
    from app.settings import read_settings

    catalogue = Catalogue()
    with ready(read_settings().database_url) as database, database.write() as session:
        catalogue.refresh(session)
        try:
            customer_id = customer_by_number(session, number, creditor)
            return act(session, catalogue, customer_id, kind, day.date(), database.now())
        except (NumberUnclear, HoldRefused) as problem:
            raise fail(problem, code=WRONG_USE) from None


def _told(placed: Placed) -> None:
    ends = f"to the end of {placed.ends_on}" if placed.ends_on else "until its cause is over"
    note(f"Held {ends}, by {placed.rule}. A task says who looks at it then.")
