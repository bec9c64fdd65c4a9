"""`duly offer`: what a creditor gives to those who pay in time."""

from __future__ import annotations

from datetime import datetime

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

offer = typer.Typer(help="Discounts for who pays in time.", no_args_is_help=True)
CREDITOR = typer.Argument(help="The creditor's external id.")
KIND = typer.Option(
    ..., "--kind", help="early_payment (not past due) or thank_you (past due, paid by a day)."
)
BY = typer.Option(..., "--by", help="Who decided it; the offer keeps the name.")


def register(app: typer.Typer) -> None:
    app.add_typer(offer, name="offer")


@offer.command()
def add(
    creditor: str = CREDITOR,
    kind: str = KIND,
    percent: str = typer.Option(..., "--percent", help="Of what is open, such as 2 or 2.5."),
    ends_on: datetime | None = typer.Option(
        None, "--ends-on", formats=["%Y-%m-%d"], help="The last day of the offer."
    ),
    within_days: int | None = typer.Option(
        None, "--within-days", help="Days after the invoice's own date; early payments alone."
    ),
    also: list[str] = typer.Option(  # typer reads it once
        [], "--also", help="Offer it in spite of dispute, hardship or limited; may be given again."
    ),
    by: str = BY,
) -> None:
    """Begins a discount, one of a kind at a time."""
    from app.book.errors import OfferError
    from app.book.offers import add_offer
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.settings import read_settings
    from campaigns.offers import OfferKind, Situation

    try:
        wanted, allows = OfferKind(kind), frozenset(map(Situation, also))
    except ValueError as problem:
        raise fail(f"{problem}; see `duly offer add --help`.", code=WRONG_USE) from None
    with ready(read_settings().database_url) as database, database.write() as session:
        owner = find_owner(session, creditor)
        try:
            number = add_offer(
                session,
                owner.id,
                wanted,
                percent,
                ends_on=ends_on.date() if ends_on else None,
                within_days=within_days,
                allows=allows,
                by=by,
                now=database.now(),
            )
        except OfferError as problem:
            raise fail(f"{problem}.", code=WRONG_USE) from None
    note(f"Offer {number} of {creditor} runs from today: {percent} % ({wanted}).")


@offer.command("list")
def list_offers(
    creditor: str = CREDITOR,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Lists what a creditor gives and gave."""
    from rich.table import Table

    from app.book.offers import offer_rows
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        rows = offer_rows(session, find_owner(session, creditor).id)
    if as_json:
        emit({"offers": [dict(row._mapping) for row in rows]})
        return
    table = Table("number", "kind", "percent", "until", "within days", "also", "ended", box=None)
    for row in rows:
        within = str(row.within_days or "")
        ended = row.ended_at.date().isoformat() if row.ended_at else ""
        until = row.ends_on.isoformat() if row.ends_on else ""
        also = " ".join(row.allows)
        table.add_row(str(row.id), row.kind, row.percent, until, within, also, ended)
    show(table)
    if not rows:
        note(f"{creditor} gives no discounts.")


@offer.command()
def end(creditor: str = CREDITOR, kind: str = KIND, by: str = BY) -> None:
    """Ends a discount with today; what was promised today is kept."""
    from app.book.offers import end_offer
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.settings import read_settings
    from campaigns.offers import OfferKind

    try:
        wanted = OfferKind(kind)
    except ValueError as problem:
        raise fail(f"{problem}; see `duly offer end --help`.", code=WRONG_USE) from None
    with ready(read_settings().database_url) as database, database.write() as session:
        owner = find_owner(session, creditor)
        ended = end_offer(session, owner.id, wanted, by=by, now=database.now())
    if not ended:
        raise fail(f"No offer of {creditor} of the kind {wanted} runs.", code=WRONG_USE)
    note(f"The offer of {creditor} ({wanted}) ends with today.")
