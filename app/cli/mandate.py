"""`duly mandate list|revoke`: which kept cards may be debited, and ending that."""

from __future__ import annotations

import getpass
from typing import Any

import typer

from app.cli.hold import CREDITOR, CUSTOMER
from app.cli.output import WRONG_USE, emit, fail, note, show

mandate = typer.Typer(help="Kept cards that may be debited.", no_args_is_help=True)

_SHOWN = (
    *("id", "plan_id", "currency", "gateway", "brand", "last_four", "text_hash", "locale"),
    *("given_at", "given_by", "kept_at", "revoked_at", "revoked_by", "recorded_by"),
)


def register(app: typer.Typer) -> None:
    app.add_typer(mandate, name="mandate")


@mandate.command("list")
def list_mandates(
    customer: str = CUSTOMER,
    creditor: str | None = CREDITOR,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Every card that the customer agreed to have debited: what was agreed to, and until when."""
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.book.mandates import mandates_of
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        try:
            found = mandates_of(session, customer_by_number(session, customer, creditor))
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
    if as_json:
        emit({"mandates": [{name: getattr(row, name) for name in _SHOWN} for row in found]})
        return
    for row in found:
        show(_line(row))
    if not found:
        note("This customer never agreed to have a card debited.")


@mandate.command()
def revoke(
    customer: str = CUSTOMER,
    creditor: str | None = CREDITOR,
    by: str | None = typer.Option(
        None, "--by", help="Who puts it on record; whoever is logged in, unless told."
    ),
) -> None:
    """The customer's cards are not debited any more, from now on."""
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.book.mandates import EndedBy, revoke_mandates
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            customer_id = customer_by_number(session, customer, creditor)
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
        count = revoke_mandates(
            session,
            customer_id,
            by=EndedBy.STAFF,
            now=database.now(),
            recorded_by=by or getpass.getuser(),
        )
    note("Revoked." if count else "No card may be debited: there was nothing to revoke.")


def _line(row: Any) -> str:
    card = f"{row.brand or 'card'} {row.last_four or ''}".strip()
    state = "given, no card yet"
    if row.revoked_at is not None:
        state = f"revoked {row.revoked_at:%Y-%m-%d} by {row.recorded_by or row.revoked_by}"
    elif row.kept_at is not None:
        state = f"in force since {row.kept_at:%Y-%m-%d}"
    return f"{row.given_at:%Y-%m-%d}  plan {row.plan_id}  {row.gateway}  {card}  {state}"
