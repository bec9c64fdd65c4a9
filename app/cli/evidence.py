"""`duly evidence` and `duly erase`: what is on record about one person, and taking it off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from app.cli.output import FAILED, WRONG_USE, fail, note, show

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.records.erasure import Erasure
    from app.records.page import Reader
    from app.settings import Settings
    from app.store.documents import Documents
    from app.store.engines import Database

_OUTPUT = typer.Option(..., "--output", dir_okay=False, help="The file to write: .zip")
_LOCALE = typer.Option(
    None, "--locale", help="The language of the page: en, he, ar, lt or de; the customer's else."
)
_WHO = typer.Argument(
    ..., metavar="CUSTOMER", help="The id, or the external id; id:7 is the id alone."
)


class _VerifyOrCustomer(TyperGroup):
    """`duly evidence CUSTOMER` is `duly evidence export CUSTOMER`."""

    def parse_args(self, ctx: object, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["export", *args]
        return super().parse_args(ctx, args)  # type: ignore[arg-type]  # click's own context


evidence = typer.Typer(
    cls=_VerifyOrCustomer,
    help="What is on record about one customer: `duly evidence CUSTOMER --output FILE.zip`.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(evidence, name="evidence")
    app.command()(erase)


@evidence.command()
def export(
    customer: str = _WHO,
    output: Path = _OUTPUT,
    locale: str | None = _LOCALE,
) -> None:
    """Writes everything about one customer: a page to read, and JSON."""
    from app.records.evidence import bundle
    from app.records.evidence import evidence as all_of

    told = _gathered(customer, all_of)
    page = _reader(locale or told["customer"]["locale"])
    output.write_bytes(bundle(told, page, _documents()))
    head = told["trail"]["head"]
    anchor = f"line {head['number']}, {head['digest']}" if head else "no line yet"
    show(
        f"{output}: {len(told['attempts'])} messages, {len(told['events'])} events; head: {anchor}"
    )


@evidence.command("copy")
def copy_data(
    customer: str = _WHO,
    output: Path = _OUTPUT,
    locale: str | None = _LOCALE,
) -> None:
    """Writes what a customer gets who asks for their data: nothing about others, nothing of the
    house."""
    from app.records.evidence import copy_bundle, own_copy

    told = _gathered(customer, own_copy)
    page = _reader(locale or told["customer"]["locale"])
    output.write_bytes(copy_bundle(told, page, _documents()))
    show(f"{output}: a copy of their data for customer {told['customer']['id']}")


@evidence.command()
def verify(
    customer: str | None = typer.Argument(
        None, metavar="[CUSTOMER]", help="Only this customer's person."
    ),
) -> None:
    """Finds lines of the audit trail that were changed or removed, and names each."""
    from app.cli.databases import ready
    from app.records.history import read_history
    from app.records.verify import verify_all, verify_persons
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        if customer is None:
            found = verify_all(session, database.now())
        else:
            history = read_history(session, _find(session, customer))
            persons = [history.customer["person_id"]] if history else []
            found = verify_persons(session, persons)
    for broken in found.broken:
        show(str(broken))
    show(f"{found.lines} lines of {found.persons} persons; {len(found.broken)} faults")
    if found.broken:
        raise typer.Exit(FAILED)


def erase(
    customer: str = _WHO,
    reason: str = typer.Option(
        "request", "--reason", help="request, objection, consent_withdrawn or unlawful."
    ),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """Erases what is kept to write to a customer. The ledger stays. It cannot be undone."""
    from app.cli.databases import ready
    from app.records.erasure import ErasureReason, ErasureRefused
    from app.records.erasure import erase as erase_customer
    from app.settings import read_settings

    asked = [str(each) for each in ErasureReason if each is not ErasureReason.RETENTION]
    if reason not in asked:
        raise fail(f"{reason} is no reason; take one of: {', '.join(asked)}.", code=WRONG_USE)
    settings = read_settings()
    with ready(settings.database_url) as database:
        with database.read() as session:
            customer_id = _find(session, customer)
        if not yes:
            typer.confirm(
                f"Erase customer {customer_id}? It cannot be undone", abort=True, err=True
            )
        try:
            with database.write() as session:
                done = erase_customer(
                    session,
                    customer_id,
                    reason=ErasureReason(reason),
                    secret=settings.secret,
                    now=database.now(),
                )
        except ErasureRefused as refused:
            raise fail(refused) from None
        _let_go_of_files(settings, database, done)
    if done.was_erased:
        note(f"Customer {customer_id} was erased before; nothing was changed.")
        return
    kept = f"{done.open_invoices} open invoices" if done.open_invoices else "no open invoice"
    show(
        f"Customer {customer_id} is erased: {done.messages} messages, {done.addresses_withheld}"
        f" addresses, {done.cases_closed} cases closed. The ledger stays ({kept})."
    )


def _gathered(
    customer: str, gather: Callable[[Session, int, datetime], dict[str, Any]]
) -> dict[str, Any]:
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        return gather(session, _find(session, customer), database.now())


def _documents() -> Documents:
    from app.settings import read_settings
    from app.store.documents import Documents

    return Documents(read_settings().documents)


def _reader(wish: str | None) -> Reader:
    """The nearest language that there is."""
    from app.records.page import Reader
    from app.web.catalogues import language_of, languages, translations

    language, locale = language_of([wish])
    say = translations(language, "evidence").gettext
    spoken = language if language in languages("stage") else "en"
    return Reader(locale, say, translations(spoken, "stage").gettext)


def _let_go_of_files(settings: Settings, database: Database, done: Erasure) -> None:
    """What lies outside the database; and the database's own file, which holds older pages."""
    from app.loops.sandbox import forget_customer
    from app.store.documents import Documents
    from channels.sandbox_ledger import Ledger

    Documents(settings.documents).drop(done.files)
    if settings.sandbox_ledger.is_file():
        ledger = Ledger(settings.sandbox_ledger)
        forget_customer(database, ledger, done.customer_id)
        ledger.close()
    database.settle_file()


def _find(session: Session, customer: str) -> int:
    """By our id or the creditor's own; it must be one."""
    from sqlmodel import col, or_, select

    from app.store.rows import Creditor, Customer

    number = customer.removeprefix("id:")
    own = int(number) if number.isdecimal() and len(number) < 18 else None
    query = (
        select(Customer.id, Customer.external_id, Creditor.external_id)
        .join(Creditor, col(Creditor.id) == col(Customer.creditor_id))
        .where(or_(col(Customer.external_id) == customer, col(Customer.id) == own))
        .order_by(col(Customer.id))
    )
    found = session.exec(query).all()
    if not found:
        raise fail(
            f"There is no customer {customer}; `duly import` brings them in.", code=WRONG_USE
        )
    if len(found) > 1:
        named = ", ".join(f"id {id_} ({name} of {creditor})" for id_, name, creditor in found)
        told = f"{customer} is more than one customer: {named}."
        raise fail(f"{told} Say which: id:{found[0][0]}.", code=WRONG_USE)
    return int(found[0][0] or 0)
