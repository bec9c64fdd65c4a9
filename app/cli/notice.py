"""`duly notice record`: notices of the law that were given on paper or by hand."""

from __future__ import annotations

from datetime import datetime

import typer

from app.cli.hold import CREDITOR, CUSTOMER
from app.cli.output import WRONG_USE, fail, note

notice = typer.Typer(help="Notices that the law wants.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(notice, name="notice")


@notice.callback()
def _group() -> None:
    """Keeps `record` a command of its own while it is the only one."""


@notice.command()
def record(
    customer: str = CUSTOMER,
    kind: str = typer.Option(
        ..., "--kind", help="validation_notice, written_debt_notice or pre_transfer_notice."
    ),
    on: datetime = typer.Option(
        ..., "--on", formats=["%Y-%m-%d"], help="The day on which it was given."
    ),
    creditor: str | None = CREDITOR,
) -> None:
    """Puts on record that a notice was given; what waited for it goes on."""
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.intake.notices import RECORDED, record_notice
    from app.settings import read_settings

    act = next((act for act in RECORDED if act == kind), None)
    if act is None:
        raise fail(f"There is no notice {kind}; known are {', '.join(RECORDED)}.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            customer_id = customer_by_number(session, customer, creditor)
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
        is_new = record_notice(session, customer_id, act, on.date(), database.now())
    note("On record." if is_new else "It was on record already.")
