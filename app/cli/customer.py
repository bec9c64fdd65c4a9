"""`duly customer`: for who has a customer on the phone: the code of the day, and an end to links
that are in other hands."""

from __future__ import annotations

import typer

from app.cli.output import WRONG_USE, fail, note, show

customer = typer.Typer(help="One customer, for whoever is on the phone.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(customer, name="customer")


@customer.command()
def code(
    number: str = typer.Argument(
        ..., metavar="CUSTOMER", help="The customer, by the ERP's own number."
    ),
    creditor: str | None = typer.Option(
        None, "--creditor", help="Whose customer, where two creditors have the same number."
    ),
) -> None:
    """Shows today's code of a customer's page. Let the customer read theirs out first, and say
    whether it is the same: whoever knows it by then has the page before them."""
    from zoneinfo import ZoneInfo

    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.clock import SystemClock
    from app.settings import read_settings
    from app.store.rows import Creditor, Customer
    from app.wording.daily_codes import daily_code
    from campaigns.calendar import local_date

    settings = read_settings()
    with ready(settings.database_url) as database, database.read() as session:
        try:
            customer_id = customer_by_number(session, number, creditor)
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
        owner = session.get_one(Customer, customer_id).creditor_id
        zone = ZoneInfo(session.get_one(Creditor, owner).zone)
    today = local_date(SystemClock().now(), zone)
    show(daily_code(settings.secret, customer_id, today))
    note("Until midnight. Yesterday's is still good for a page that was opened before.")


@customer.command()
def close(
    number: str = typer.Argument(
        ..., metavar="CUSTOMER", help="The customer, by the ERP's own number."
    ),
    creditor: str | None = typer.Option(
        None, "--creditor", help="Whose customer, where two creditors have the same number."
    ),
) -> None:
    """Ends every link to a customer's page: a phone was lost, or a message was passed on. The next
    message has a link that works."""
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.clock import SystemClock
    from app.intake.page_links import end_links
    from app.settings import read_settings

    settings = read_settings()
    with ready(settings.database_url) as database, database.write() as session:
        try:
            customer_id = customer_by_number(session, number, creditor)
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
        ended = end_links(session, customer_id, why="staff", now=SystemClock().now())
    show(f"{ended} ended")
