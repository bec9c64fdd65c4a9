"""`duly means list|show`: what customers told of their means, for those who talk with them."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from app.intake.means import Told

means = typer.Typer(
    help="What customers told of their means, for those who talk with them.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    app.add_typer(means, name="means")


@means.command("list")
def list_means() -> None:
    """Whose means are kept, since when and for what: no figure."""
    from app.cli.databases import ready
    from app.intake.means import means_kept
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        rows = means_kept(session)
    for row in rows:
        show(f"customer {row.customer}  {row.about}  told {row.told_at:%Y-%m-%d %H:%M}")
    if not rows:
        note("Nothing is kept.")


@means.command("show")
def show_means(
    customer: str = typer.Argument(
        ..., metavar="CUSTOMER", help="The customer, by the ERP's own number."
    ),
    creditor: str | None = typer.Option(
        None, "--creditor", help="Whose customer, where two creditors have the same number."
    ),
    by: str | None = typer.Option(
        None, "--by", metavar="NAME", help="Who reads it; you, if left out."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """What one of them told, and what that would allow a month, with its working. That you read
    it, and when, is put on record."""
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.intake.means import read_means
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            customer_id = customer_by_number(session, customer, creditor)
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
        reader = by or getpass.getuser()
        told = read_means(session, customer_id, read_by=reader, now=database.now())
    if told is None:
        raise fail(
            f"Nothing is kept of customer {customer}: nothing was told, or its time is over.",
            code=WRONG_USE,
        )
    if as_json:
        emit(_as_data(told))
        return
    for line in _lines(told):
        show(line)


def _as_data(told: Told) -> dict[str, object]:
    found = told.affordable
    return {
        "income": told.income,
        "costs": told.costs,
        "payable": told.payable,
        "dependants": told.dependants,
        "affordable": found.amount if found else None,
        "working": list(found.working) if found else [],
    }


def _lines(told: Told) -> Iterator[str]:
    yield f"income a month: {told.income or 'not told'}"
    yield f"fixed costs a month: {told.costs or 'not told'}"
    yield f"can pay a month: {told.payable or 'not told'}"
    yield f"people who live on it: {told.dependants if told.dependants is not None else 'not told'}"
    found = told.affordable
    if found is None:
        yield "Too little was told to calculate an amount."
        return
    yield f"This would allow {found.amount} a month. Nobody was told so: it is for you to judge."
    yield from found.working
