"""`duly creditor`: what is said of one, what it can do, who takes its payments, and where to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.output import WRONG_USE, fail, note

if TYPE_CHECKING:
    from collections.abc import Mapping

creditor = typer.Typer(
    help="What messages say of a creditor, and how it books.", no_args_is_help=True
)
CREDITOR = typer.Argument(..., metavar="CREDITOR", help="By its external id.")


def register(app: typer.Typer) -> None:
    app.add_typer(creditor, name="creditor")


@creditor.command("set")
def set_facts(
    name: str = CREDITOR,
    facts: list[str] = typer.Argument(
        ..., metavar="FACT=VALUE…", help="Such as postal_address='1 Sample Street'; empty: none."
    ),
) -> None:
    """Gives the brand facts that messages carry (phone, postal_address, department and others); and
    `allocation`, what payments settle first: oldest_due, costs_first, or empty for the law's."""
    from app.book.brands import BRAND_FACTS
    from app.web.brand import told_of_colour

    told = {}
    for each in facts:
        fact, is_given, value = each.partition("=")
        if is_given and fact == "allocation":
            _allocate(name, value.strip())
            continue
        if not is_given or fact not in BRAND_FACTS:
            known = ", ".join((*BRAND_FACTS, "allocation"))
            raise fail(f"{fact} is no fact of a brand; known are {known}.", code=WRONG_USE)
        told[fact] = value.strip()
    _change(name, brand=told)
    note("Noted. `duly template check --creditor` says what is still missing.")
    if (colour := told.get("colour")) and (moved := told_of_colour(colour)):
        note(moved)


@creditor.command()
def logo(
    name: str = CREDITOR,
    picture: Path | None = typer.Argument(None, help="A PNG, JPEG or WebP; a PNG is sharpest."),
    remove: bool = typer.Option(False, "--remove", help="Show none any more."),
) -> None:
    """Shows a logo at the top of customers' pages, drawn anew and small; mails carry none."""
    from app.book.logo_drawing import LogoRefused, drawn
    from app.book.logos import keep_logo
    from app.cli.databases import ready
    from app.clock import SystemClock
    from app.settings import read_settings

    if (picture is None) != remove:
        raise fail("Name a picture, or say --remove.", code=WRONG_USE)
    made = None
    if picture is not None:
        try:
            made = drawn(picture.read_bytes())
        except OSError as problem:
            raise fail(f"{picture} cannot be read: {problem.strerror}.") from None
        except LogoRefused as refused:
            raise fail(f"{picture} cannot be the logo: {refused}.") from None
    now = SystemClock().now()
    with ready(read_settings().database_url) as database, database.write() as session:
        if not keep_logo(session, name, made, now=now):
            raise fail(f"There is no creditor {name} in the book.", code=WRONG_USE)
    if made is None:
        note("Noted. Pages show the first letter of the name.")
    else:
        size = f"{made.width} by {made.height} pixels, {len(made.content) / 1024:.1f} KB"
        note(f"Noted. Pages show it from now on: {size}.")


@creditor.command()
def allow(
    name: str = CREDITOR,
    capability: str = typer.Argument(..., help="legal_action: it can go to court, and may say so."),
) -> None:
    """Puts on record what the creditor really can do."""
    from app.wording.lawful import LEGAL_ACTION

    if capability != LEGAL_ACTION:
        raise fail(f"There is no capability {capability}; known is {LEGAL_ACTION}.", code=WRONG_USE)
    _change(name, capability=capability)
    note("Noted.")


@creditor.command()
def gateway(
    name: str = CREDITOR,
    chosen: str = typer.Argument(..., metavar="GATEWAY", help="stripe, external, or house."),
    address: str | None = typer.Option(
        None, help="Its own pay page, of `external`: https://…, with places such as {language}."
    ),
) -> None:
    """Chooses who takes a creditor's payments; `house` is what the settings say."""
    from app.cli.databases import ready
    from app.payments.choice import GATEWAYS, choose_gateway
    from app.payments.external_gateway import NAME as EXTERNAL
    from app.payments.external_gateway import ExternalGateway, address_fault
    from app.settings import read_settings

    if chosen not in (*GATEWAYS, "house"):
        raise fail(f"There is no gateway {chosen}; known: {', '.join(GATEWAYS)}.", code=WRONG_USE)
    if (chosen == EXTERNAL) != (address is not None):
        raise fail("--address belongs to `external`, which needs one.", code=WRONG_USE)
    if address is not None and (fault := address_fault(address)):
        raise fail(f"The pay address cannot be used: {fault}.", code=WRONG_USE)
    settings = read_settings()
    key = settings.external_secret.get_secret_value()
    if chosen == EXTERNAL and not key:
        raise fail("DULY_EXTERNAL_SECRET is not set: the creditor's calls could not be proven.")
    wanted = None if chosen == "house" else chosen
    with ready(settings.database_url) as database, database.write() as session:
        if not choose_gateway(session, name, wanted, pay_address=address):
            raise fail(f"There is no creditor {name} in the book.", code=WRONG_USE)
    note("Noted. `duly doctor` says whether it is set up rightly.")
    if not settings.takes_real_money(wanted or settings.gateway):
        note("Test mode: what is paid there is no real money.")
    if chosen == EXTERNAL:
        note(f"Its secret, for its own server alone: {ExternalGateway(secret=key).secret_of(name)}")


@creditor.command()
def account(
    name: str = CREDITOR,
    currency: str = typer.Argument(..., help="Such as EUR: one account for each currency."),
    holder: str | None = typer.Option(None, help="In whose name the account is."),
    iban: str | None = typer.Option(None, help="Its IBAN."),
    bic: str | None = typer.Option(None, help="The bank's BIC, where payers need it."),
    bank: str | None = typer.Option(None, help="The bank's name."),
    number: str | None = typer.Option(None, help="Where accounts have no IBAN: as it is written."),
    remove: bool = typer.Option(False, "--remove", help="Offer no transfers in it any more."),
) -> None:
    """Says where transfers go: customers' pages then offer them, with a code to scan for euros."""
    from app.book.pay_accounts import AccountFault, read_account, set_account
    from app.cli.databases import ready
    from app.settings import read_settings

    if remove == (holder is not None):
        raise fail("Give --holder and the account, or --remove.", code=WRONG_USE)
    try:
        into = (
            read_account(holder=holder, iban=iban, bic=bic, bank=bank, number=number)
            if holder is not None
            else None
        )
        with ready(read_settings().database_url) as database, database.write() as session:
            if not set_account(session, name, currency, into):
                raise fail(f"There is no creditor {name} in the book.", code=WRONG_USE)
    except AccountFault as wrong:
        raise fail(f"The account cannot be kept: {wrong}.", code=WRONG_USE) from None
    note("Noted.")


@creditor.command("page-check")
def page_check(
    name: str = CREDITOR,
    when: str = typer.Argument(..., help="always, or law: only where a rule in force wants it."),
    by: list[str] | None = typer.Option(
        None, "--by", metavar="PROOF", help="postcode, birth_year, invoice: all unless told."
    ),
) -> None:
    """Has customers' pages ask one short question before they tell of a debt."""
    from app.book.page_checks import set_page_check
    from app.cli.databases import ready
    from app.intake.light_check import Proof
    from app.settings import read_settings

    if when not in ("always", "law") or (when == "law" and by):
        raise fail("Say `always`, with --by where not all will do, or `law`.", code=WRONG_USE)
    if unknown := sorted(set(by or ()) - set(map(str, Proof))):
        raise fail(f"{unknown[0]} proves nothing; known are {', '.join(Proof)}.", code=WRONG_USE)
    proofs = None if when == "law" else [each for each in Proof if not by or each in by]
    with ready(read_settings().database_url) as database, database.write() as session:
        if not set_page_check(session, name, proofs):
            raise fail(f"There is no creditor {name} in the book.", code=WRONG_USE)
    note("Noted. `duly doctor` says how many customers have nothing on file to be asked for.")


def _allocate(name: str, order: str) -> None:
    from app.book.charges.terms import set_order
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.settings import read_settings
    from campaigns.duties import Order

    if order and order not in map(str, Order):
        raise fail(f"{order} is no order; take {' or '.join(Order)}.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        set_order(session, find_owner(session, name).id, Order(order) if order else None)


def _change(
    name: str, *, brand: Mapping[str, str] | None = None, capability: str | None = None
) -> None:
    from app.book.brands import BrandRefused, change_creditor
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            is_known = change_creditor(session, name, brand=brand or {}, capability=capability)
        except BrandRefused as refused:
            raise fail(f"Nothing was changed: {refused}.", code=WRONG_USE) from None
        if not is_known:
            raise fail(f"There is no creditor {name} in the book.", code=WRONG_USE)
