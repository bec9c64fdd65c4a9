"""`duly hours`: when a customer asked to be written to."""

from __future__ import annotations

import typer

from app.cli.hold import CREDITOR, CUSTOMER
from app.cli.output import WRONG_USE, fail, note


def register(app: typer.Typer) -> None:
    app.command("hours")(set_hours)


def set_hours(
    customer: str = CUSTOMER,
    hours: str = typer.Argument(
        ..., help="On their own clock: 'mon-fri 17:00-20:00; sat 10:00-13:00'; empty: any."
    ),
    creditor: str | None = CREDITOR,
) -> None:
    """Notes when a customer wants to be written to. The rules of their place bind as well."""
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.intake.own_hours import set_own_hours
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            customer_id = customer_by_number(session, customer, creditor)
            set_own_hours(session, customer_id, hours, database.now())
        except (NumberUnclear, ValueError) as problem:
            raise fail(problem, code=WRONG_USE) from None
    note("Noted.")
