"""`duly statement`: what banks tell, taken into the book, and what of it waits for a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import FAILED, WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from app.book.statements.assigning import OpenEntry
    from app.book.statements.report import StatementReport

statement = typer.Typer(help="Bank statements.", no_args_is_help=True)
CREDITOR = typer.Option(..., "--creditor", help="Whose account it is: the creditor's external id.")
NOTES_SHOWN = 10


def register(app: typer.Typer) -> None:
    app.add_typer(statement, name="statement")


@statement.command("import")
def import_statement(
    file: Path = typer.Argument(
        help="camt.053, MT940 or CSV; its content tells which.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
    creditor: str = CREDITOR,
    mapping: Path | None = typer.Option(
        None, "--map", help="Of a CSV: which column is what; see docs/statements.md.", exists=True
    ),
    encoding: str = typer.Option("utf-8", "--encoding", help="Of MT940 and CSV."),
    despite_balance: bool = typer.Option(
        False, "--despite-balance", help="Take a statement whose balances do not agree."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Write nothing; say what would result."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Books what is certain, keeps what is not. Doing it again changes nothing."""
    from app.book.statements.importing import import_statements
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database:
        report = import_statements(
            database,
            file,
            creditor,
            now=database.now(),
            mapping=mapping,
            encoding=encoding,
            dry_run=dry_run,
            despite_balance=despite_balance,
        )
    if as_json:
        emit(report.as_json())
    else:
        _show(report)
    if report.refused:
        raise fail(
            f"{report.refused} of {report.statements} statements were refused: their balances do"
            " not agree. --despite-balance takes them all the same.",
            code=FAILED,
        )


@statement.command("open")
def show_open(
    creditor: str = CREDITOR,
    as_json: bool = typer.Option(False, "--json", help="Print the entries as JSON."),
) -> None:
    """Lists the money that waits for a person, with the customers that it may be from."""
    from app.book.owners import find_owner
    from app.book.statements.assigning import open_entries
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        entries = open_entries(session, find_owner(session, creditor).id)
    if as_json:
        emit({"entries": [_plain(entry) for entry in entries]})
    else:
        _show_open(entries)


@statement.command("assign")
def assign(
    entry: int = typer.Argument(help="The entry's number in `duly statement open`."),
    creditor: str = CREDITOR,
    customer: str | None = typer.Option(
        None, "--customer", help="Whose money it is: the customer's external id."
    ),
    invoices: list[str] = typer.Option(  # typer reads it once
        [], "--invoice", help="What it settles first: a number; may be given again."
    ),
    payment: int | None = typer.Option(
        None, "--payment", help="For money that went back: of which payment."
    ),
) -> None:
    """Books an entry that waits: as a customer's payment, or as what went back of one."""
    from app.book.owners import find_owner
    from app.book.statements.assigning import (
        assign_payment,
        assign_return,
        find_customer,
        find_invoices,
    )
    from app.cli.databases import ready
    from app.settings import read_settings

    if (customer is None) == (payment is None):
        raise fail("Name --customer for a payment, or --payment for a return.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        now = database.now()
        owner = find_owner(session, creditor)
        if payment is not None:
            assign_return(session, entry, payment_id=payment, now=now)
        elif customer is not None:
            customer_id = find_customer(session, owner.id, customer)
            ids = find_invoices(session, customer_id, invoices)
            assign_payment(session, entry, customer_id=customer_id, invoice_ids=ids, now=now)
    note(f"Entry {entry} is booked.")


@statement.command("aside")
def put_entry_aside(
    entry: int = typer.Argument(help="The entry's number in `duly statement open`."),
) -> None:
    """Puts an entry aside that is no customer's, such as interest or a provider's payout."""
    from app.book.statements.assigning import put_aside
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        put_aside(session, entry, now=database.now())
    note(f"Entry {entry} is put aside.")


def _show(report: StatementReport) -> None:
    from rich.table import Table

    from campaigns.money import Money

    table = Table("", "", show_header=False, box=None)
    counts = ("statements", "entries", "booked", "waiting", "unmatched", "reversed", "known",
              "ignored", "pending", "rejected")  # fmt: skip
    for name in counts:
        if getattr(report, name) or name == "booked":
            table.add_row(name, str(getattr(report, name)))
    for where, sums in report.money.items():
        for currency, minor in sorted(sums.items()):
            table.add_row(f"money {where}", f"{Money(minor, currency).decimal} {currency}")
    show(f"{report.file}{' (nothing was written)' if report.dry_run else ''}")
    show(table)
    for each in [*report.findings, *report.rejects][:NOTES_SHOWN]:
        note(f"  statement {each.statement or '-'}, {each.place}: {each.text}")


def _show_open(entries: list[OpenEntry]) -> None:
    from rich.table import Column, Table

    words = [Column(name, overflow="fold") for name in ("payer", "text", "may be")]
    table = Table("", "day", "", "state", *words, box=None)
    for entry in entries:
        may_be = [f"{one.customer} {' '.join(one.invoices)} ({one.score})" for one in entry.choices]
        may_be += [f"payment {payment_id}" for payment_id in entry.payment_ids]
        table.add_row(
            str(entry.id),
            entry.booked_on.isoformat(),
            f"{'-' if entry.kind == 'reversal' else ''}{entry.amount.decimal}"
            f" {entry.amount.currency}",
            entry.state,
            entry.payer or "",
            entry.text or "",
            "\n".join(may_be),
        )
    show(table)


def _plain(entry: OpenEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "state": entry.state,
        "currency": entry.amount.currency,
        "amount_minor": entry.amount.minor,
        "booked_on": entry.booked_on.isoformat(),
        "payer": entry.payer,
        "text": entry.text,
        "choices": [
            {"customer": one.customer, "invoices": list(one.invoices), "score": one.score}
            for one in entry.choices
        ],
        "payment_ids": list(entry.payment_ids),
    }
