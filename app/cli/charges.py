"""`duly charges`: statutory interest and fixed sums of late business debts, shown and claimed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import emit, note, show

if TYPE_CHECKING:
    from app.book.charges.claiming import Claiming

charges = typer.Typer(help="Statutory charges of late business debts.", no_args_is_help=True)
ON = typer.Option(None, "--on", formats=["%Y-%m-%d"], help="To the end of this day; today else.")
JSON = typer.Option(False, "--json", help="Print the result as JSON.")
CREDITOR = typer.Argument(help="The creditor's external id.")
AT_ONCE = 500


def register(app: typer.Typer) -> None:
    app.add_typer(charges, name="charges")


@charges.command()
def allow(
    creditor: str = CREDITOR,
    law: str = typer.Option(..., "--law", help="The law of its contracts: a country, such as DE."),
    kinds: list[str] = typer.Option(  # typer reads it once
        [], "--kind", help="cost or interest; may be given again. None claims nothing more."
    ),
    order: str | None = typer.Option(
        None, "--order", help="What payments settle first: oldest_due or costs_first."
    ),
) -> None:
    """Says what a creditor claims. Nothing is claimed by that; see `claim`."""
    from app.book.charges.terms import ChargeKind, set_terms
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.cli.output import WRONG_USE, fail
    from app.settings import read_settings
    from campaigns.duties import Order

    try:
        wanted = frozenset(map(ChargeKind, kinds))
        chosen = Order(order) if order is not None else None
    except ValueError as problem:
        raise fail(f"{problem}; see `duly charges allow --help`.", code=WRONG_USE) from None
    with ready(read_settings().database_url) as database, database.write() as session:
        owner = find_owner(session, creditor)
        set_terms(session, owner.id, law=law, kinds=wanted, order=chosen)
    claims = " and ".join(sorted(wanted)) or "nothing"
    note(f"{creditor} claims {claims} under the law of {law.upper()}.")


@charges.command("show")
def show_charges(
    customer: str = typer.Argument(help="The customer's external id."),
    creditor: str = typer.Option(..., "--creditor", help="The creditor's external id."),
    on: datetime | None = ON,
    as_json: bool = JSON,
) -> None:
    """What a customer's late invoices come to, with the working. It claims nothing."""
    from app.book.charges.assessing import assess, law_of
    from app.book.charges.terms import ChargeKind, terms_of
    from app.book.charges.working import working
    from app.book.envelope import zone_in
    from app.book.owners import find_owner
    from app.book.statements.assigning import find_customer
    from app.cli.databases import ready
    from app.settings import read_settings
    from campaigns.calendar import local_date

    with ready(read_settings().database_url) as database, database.read() as session:
        owner = find_owner(session, creditor)
        zone = zone_in(owner.zone)
        day = on.date() if on is not None else local_date(database.now(), zone)
        law = law_of(session, terms_of(session, owner.id))
        found = assess(session, law, [find_customer(session, owner.id, customer)], day, zone)
    told = [
        {
            "number": each.invoice.number,
            "refused": str(each.refused) if each.refused else None,
            **{str(kind): working(each, kind) for kind in ChargeKind},
        }
        for each in found
    ]
    if as_json:
        emit({"on": day, "invoices": told})
        return
    for invoice in told:
        _show_invoice(invoice)
    if not told:
        note("Nothing is late.")


@charges.command()
def claim(
    creditor: str = CREDITOR,
    on: datetime | None = ON,
    paid_from: datetime | None = typer.Option(
        None,
        "--paid-from",
        formats=["%Y-%m-%d"],
        help="Also what was paid late, on this day or after it.",
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Write nothing; say what would result."),
    as_json: bool = JSON,
) -> None:
    """Posts what is owed in charges, or what grew since the last time."""
    from app.book.charges.claiming import candidates, foresee
    from app.book.charges.claiming import claim as claim_charges
    from app.book.envelope import zone_in
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.store.given import chunks
    from campaigns.calendar import local_date

    done = []
    with ready(read_settings().database_url) as database:
        now = database.now()
        with database.read() as session:
            owner = find_owner(session, creditor)
            day = on.date() if on is not None else local_date(now, zone_in(owner.zone))
            since = paid_from.date() if paid_from is not None else None
            customers = candidates(session, owner, day, paid_from=since)
        for part in list(chunks(customers, AT_ONCE)) or [[]]:
            if dry_run:
                with database.read() as session:
                    done.append(foresee(session, owner, part, day, now=now, paid_from=since))
            else:
                with database.write() as session:
                    claimed = claim_charges(session, owner, part, day, now=now, paid_from=since)
                    done.append(claimed)
    _report(done, as_json=as_json, dry_run=dry_run)


def _report(done: list[Claiming], *, as_json: bool, dry_run: bool) -> None:
    posted = [each for claiming in done for each in claiming.posted]
    refused = [each for claiming in done for each in claiming.refused]
    if as_json:
        told = [
            {
                "number": each.number,
                "kind": str(each.kind),
                "currency": each.amount.currency,
                "amount_minor": each.amount.minor,
            }
            for each in posted
        ]
        left = [{"number": number, "why": why} for number, why in refused]
        emit({"dry_run": dry_run, "posted": told, "refused": left})
        return
    from rich.table import Table

    table = Table("number", "charge", "amount", box=None)
    for each in posted:
        table.add_row(each.number, str(each.kind), f"{each.amount.decimal} {each.amount.currency}")
    show(table)
    note(f"{len(posted)} charges{' would be' if dry_run else ''} posted, {len(refused)} refused.")
    for number, why in refused:
        note(f"  {number}: {why}")


def _show_invoice(invoice: Mapping[str, Any]) -> None:
    from rich.table import Table

    from campaigns.money import Money

    if invoice["refused"]:
        note(f"{invoice['number']}: {invoice['refused']}")
        return
    cost, interest = invoice["cost"], invoice["interest"]

    def said(minor: int) -> str:
        return str(Money(minor, interest["currency"]).decimal)

    show(f"{invoice['number']}, due {interest['due_on']}, in {interest['currency']}")
    table = Table("from", "to", "days", "principal", "rate", "amount", "rule", box=None)
    for span in interest["spans"]:
        rate = f"{span['reference_rate']} + {span['points']} = {span['rate']} %"
        table.add_row(
            span["from"],
            span["to"],
            str(span["days"]),
            said(span["principal_minor"]),
            rate,
            said(span["amount_minor"]),
            span["rule"],
        )
    table.add_row("", "", "", "", "interest", said(interest["total_minor"]), "")
    table.add_row("", "", "", "", "fixed sum", said(cost["total_minor"]), cost.get("rule", ""))
    show(table)
